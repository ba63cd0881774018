//! Which layers of a document are not for the screen (ISO 32000-1, 8.11).
//!
//! The engine knows layers that are off from the start. It does not know layers that are off only on a screen, such as a
//! watermark for prints, nor expressions of layers, nor the layers of annotations. What it draws is amended first, in
//! `pdf/visibility.rs`.

use hayro::hayro_interpret::hayro_syntax::Pdf;
use hayro::hayro_interpret::hayro_syntax::object::{Array, Dict, Name, Object, ObjectIdentifier};
use std::collections::HashSet;

/// How deep an expression of layers may be nested.
const MAX_DEPTH: usize = 16;

pub(super) struct Layers {
    off: HashSet<ObjectIdentifier>,
}

impl Layers {
    pub(super) fn of(pdf: &Pdf) -> Self {
        let catalog = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id());
        let properties = catalog.and_then(|catalog| catalog.get::<Dict<'_>>(b"OCProperties"));
        let mut off = HashSet::new();
        if let Some(properties) = properties {
            let all = groups(&properties, b"OCGs");
            let config = properties.get::<Dict<'_>>(b"D").unwrap_or_default();
            if is_named(&config, b"BaseState", b"OFF") {
                off.extend(all.iter().filter_map(Dict::obj_id));
            }
            for group in groups(&config, b"ON") {
                off.retain(|id| Some(*id) != group.obj_id());
            }
            off.extend(groups(&config, b"OFF").iter().filter_map(Dict::obj_id));
            for usage in dicts(&config, b"AS").filter(|usage| is_named(usage, b"Event", b"View")) {
                for group in groups(&usage, b"OCGs") {
                    let Some(id) = group.obj_id() else { continue };
                    match is_recommended(&group, &usage) {
                        Some(true) => off.remove(&id),
                        Some(false) => off.insert(id),
                        None => false,
                    };
                }
            }
        }
        Self { off }
    }

    /// The layers that are off on a screen.
    pub(super) fn off(&self) -> impl Iterator<Item = ObjectIdentifier> {
        self.off.iter().copied()
    }

    /// Whether content of this layer, or of this membership in layers, is not for the screen.
    pub(super) fn hide(&self, membership: &Dict<'_>) -> bool {
        if !is_named(membership, b"Type", b"OCMD") {
            return self.is_off(membership);
        }
        if let Some(expression) = membership.get::<Array<'_>>(b"VE") {
            return !self.holds(&expression, 0);
        }
        let layers = match membership.get::<Object<'_>>(b"OCGs") {
            Some(Object::Dict(layer)) => vec![layer],
            Some(Object::Array(layers)) => layers.iter::<Dict<'_>>().collect(),
            _ => return false,
        };
        let mut states = layers.iter().map(|layer| self.is_off(layer));
        match membership.get::<Name<'_>>(b"P").as_deref() {
            _ if layers.is_empty() => false,
            Some(b"AllOn") => states.any(|off| off),
            Some(b"AnyOff") => !states.any(|off| off),
            Some(b"AllOff") => !states.all(|off| off),
            _ => states.all(|off| off),
        }
    }

    fn is_off(&self, layer: &Dict<'_>) -> bool {
        layer.obj_id().is_some_and(|id| self.off.contains(&id))
    }

    /// Whether an expression of layers is true; what cannot be read is.
    fn holds(&self, expression: &Array<'_>, depth: usize) -> bool {
        let mut parts = expression.iter::<Object<'_>>();
        let Some(Object::Name(operator)) = parts.next() else {
            return true;
        };
        if depth >= MAX_DEPTH {
            return true;
        }
        let mut values = parts.map(|part| match part {
            Object::Dict(layer) => !self.is_off(&layer),
            Object::Array(inner) => self.holds(&inner, depth + 1),
            _ => true,
        });
        match &*operator {
            b"And" => values.all(|value| value),
            b"Or" => values.any(|value| value),
            b"Not" => !values.next().unwrap_or(false),
            _ => true,
        }
    }
}

/// What the usage of a layer recommends for the screen in these categories.
fn is_recommended(group: &Dict<'_>, usage: &Dict<'_>) -> Option<bool> {
    let of_group = group.get::<Dict<'_>>(b"Usage")?;
    let states: Vec<bool> = usage
        .get::<Array<'_>>(b"Category")?
        .iter::<Name<'_>>()
        .filter_map(|category| {
            let state = [&*category, b"State"].concat();
            let of_category = of_group.get::<Dict<'_>>(&*category)?;
            Some(&*of_category.get::<Name<'_>>(state)? == b"ON")
        })
        .collect();
    (!states.is_empty()).then(|| states.iter().all(|on| *on))
}

fn groups<'a>(dict: &Dict<'a>, key: &[u8]) -> Vec<Dict<'a>> {
    dicts(dict, key).collect()
}

fn dicts<'a>(dict: &Dict<'a>, key: &[u8]) -> impl Iterator<Item = Dict<'a>> {
    let array = dict.get::<Array<'a>>(key);
    array.into_iter().flat_map(|array| array.iter::<Dict<'a>>())
}

pub(super) fn is_named(dict: &Dict<'_>, key: &[u8], name: &[u8]) -> bool {
    dict.get::<Name<'_>>(key)
        .is_some_and(|found| &*found == name)
}
