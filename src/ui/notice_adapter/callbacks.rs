//! Callbacks of the screen of the open notice.

use slint::ComponentHandle;

use crate::state::{Event, Intent, ReadingIntent, Size, ToolPanel, TypingIntent};
use crate::ui::keyboard_adapter;
use crate::ui::markup::{self, AppWindow, NoticePanel};

pub(in crate::ui) fn connect(window: &AppWindow, on_event: impl Fn(Event) + Clone + 'static) {
    let adapter = window.global::<markup::NoticeAdapter<'_>>();
    let intent = |intent: Intent| {
        let send = on_event.clone();
        move || send(Event::Intent(intent.clone()))
    };
    adapter.on_back(intent(Intent::Back));
    adapter.on_previous_page(intent(Intent::PreviousPage));
    adapter.on_next_page(intent(Intent::NextPage));
    adapter.on_zoom_in(intent(Intent::ZoomIn));
    adapter.on_zoom_out(intent(Intent::ZoomOut));
    adapter.on_fit_width(intent(Intent::FitWidth));
    let reading = |reading: ReadingIntent| intent(Intent::Reading(reading));
    adapter.on_fit_text(reading(ReadingIntent::FitText));
    adapter.on_fit_page(reading(ReadingIntent::FitPage));
    adapter.on_turn_right(reading(ReadingIntent::TurnRight));
    adapter.on_turn_left(reading(ReadingIntent::TurnLeft));
    adapter.on_go_left(reading(ReadingIntent::MoveLeft));
    adapter.on_go_right(reading(ReadingIntent::MoveRight));
    adapter.on_close_panel(reading(ReadingIntent::ClosePanel));
    adapter.on_strip_back(reading(ReadingIntent::StripBack));
    adapter.on_strip_on(reading(ReadingIntent::StripOn));
    adapter.on_jump_erase(reading(ReadingIntent::JumpErase));
    adapter.on_jump_go(reading(ReadingIntent::JumpGo));
    adapter.on_find_next(reading(ReadingIntent::FindNext));
    adapter.on_find_previous(reading(ReadingIntent::FindPrevious));
    adapter.on_find_end(reading(ReadingIntent::FindEnd));
    adapter.on_toggle_text(reading(ReadingIntent::ToggleText));
    connect_places(&adapter, &on_event);
    connect_typing(&adapter, &on_event);
    let send = on_event.clone();
    adapter.on_choose_document(move |index| {
        if let Ok(index) = index.try_into() {
            send(Event::Intent(Intent::ChooseDocument(index)));
        }
    });
    let say = move |reading: ReadingIntent| on_event(Event::Intent(Intent::Reading(reading)));
    let send = say.clone();
    adapter.on_toggle_panel(move |panel| {
        send(panel_of(panel).map_or(ReadingIntent::ClosePanel, ReadingIntent::TogglePanel));
    });
    let send = say.clone();
    adapter.on_go_to_page(move |number| {
        if let Ok(page) = usize::try_from(number - 1) {
            send(ReadingIntent::GoToPage(page));
        }
    });
    let send = say.clone();
    adapter.on_strip_resized(move |room, width| {
        if let Ok(room) = room.try_into() {
            let width = width.round().max(1.0) as u32;
            send(ReadingIntent::StripResized { room, width });
        }
    });
    let send = say.clone();
    adapter.on_jump_digit(move |digit| {
        if let Ok(digit) = digit.try_into() {
            send(ReadingIntent::JumpDigit(digit));
        }
    });
}

/// What is typed to be found in the document.
fn connect_typing(
    adapter: &markup::NoticeAdapter<'_>,
    on_event: &(impl Fn(Event) + Clone + 'static),
) {
    let say = {
        let send = on_event.clone();
        move |typing: TypingIntent| send(Event::Intent(Intent::FindInDocument(typing)))
    };
    let send = say.clone();
    adapter.on_find_key_pressed(move |key| {
        if let Some(typing) = keyboard_adapter::intent_of(&key) {
            send(typing);
        }
    });
    let send = say.clone();
    adapter.on_find_type(move |text| {
        let typed = keyboard_adapter::typed(&text);
        let printable = typed.is_some();
        typed.into_iter().for_each(&send);
        printable
    });
    let send = say.clone();
    adapter.on_find_erase(move || send(TypingIntent::Erase));
    adapter.on_find_clear(move || say(TypingIntent::Clear));
}

/// Touches on the pages.
fn connect_places(
    adapter: &markup::NoticeAdapter<'_>,
    on_event: &(impl Fn(Event) + Clone + 'static),
) {
    let send = on_event.clone();
    adapter.on_zoom_about(move |factor, x, y| {
        send(Event::Intent(Intent::ZoomAbout { factor, x, y }));
    });
    let send = on_event.clone();
    adapter.on_double_touch(move |x, y| {
        send(Event::Intent(Intent::Reading(ReadingIntent::DoubleTouch {
            x,
            y,
        })));
    });
    let send = on_event.clone();
    adapter.on_viewer_resized(move |width, height| {
        send(Event::ViewerResized(Size { width, height }));
    });
    let send = on_event.clone();
    adapter.on_viewer_scrolled(move |x, y| {
        send(Event::Intent(Intent::ViewerScrolled { x, y }));
    });
}

fn panel_of(panel: NoticePanel) -> Option<ToolPanel> {
    Some(match panel {
        NoticePanel::None => return None,
        NoticePanel::Facts => ToolPanel::Facts,
        NoticePanel::Attachments => ToolPanel::Attachments,
        NoticePanel::More => ToolPanel::More,
        NoticePanel::Strip => ToolPanel::Strip,
        NoticePanel::Jump => ToolPanel::Jump,
        NoticePanel::Find => ToolPanel::Find,
        NoticePanel::TakeAway => ToolPanel::TakeAway,
    })
}
