//! Compiles the interface, with its translations inside.

fn main() {
    let config = slint_build::CompilerConfiguration::new()
        .with_bundled_translations("ui/translations")
        .with_default_translation_context(slint_build::DefaultTranslationContext::None)
        .with_debug_info(true);
    slint_build::compile_with_config("ui/app_window.slint", config)
        .expect("the markup under ui/ compiles");
}
