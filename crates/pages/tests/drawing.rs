//! Pages come out as the document has them.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use image::{DynamicImage, ExtendedColorType, GrayImage, ImageFormat, Rgb, RgbImage};
use std::io::Cursor;
use support::{PdfBuilder, document, fixture, half_black, ink, pixel, service};
use vyveska_pages::{
    Document, DocumentKind, PageError, PageRect, PageSize, PageWarning, RenderRequest, Scale,
};

const BLACK: [u8; 4] = [0, 0, 0, 255];
const WHITE: [u8; 4] = [255, 255, 255, 255];

#[test]
fn a_pdf_page_is_drawn_on_white_at_the_width_asked_for() {
    let service = service();
    let document = document(half_black());
    let info = service.open_blocking(&document).unwrap();
    assert_eq!(info.kind, DocumentKind::Pdf);
    let size = PageSize {
        width: 200.0,
        height: 100.0,
    };
    assert_eq!(info.pages, [size]);

    let page = service
        .render_blocking(&document, RenderRequest::fit_width(0, 400))
        .unwrap();
    assert_eq!((page.image.width(), page.image.height()), (400, 200));
    assert_eq!(page.image.pixels().len(), 400 * 200 * 4);
    assert_eq!(
        (page.page_count, page.page_size, page.scale),
        (1, size, 2.0)
    );
    assert_eq!(pixel(&page, 10, 10), BLACK);
    assert_eq!(pixel(&page, 390, 190), WHITE);
    assert!(page.worker_peak_bytes > 0);
}

#[test]
fn a_page_is_drawn_without_being_opened_first() {
    let page = service()
        .render_blocking(&document(half_black()), RenderRequest::fit_width(0, 40))
        .unwrap();
    assert_eq!(page.image.width(), 40);
}

#[test]
fn a_part_of_a_page_is_drawn_as_large_as_asked_for() {
    let request = RenderRequest {
        page: 0,
        region: Some(PageRect {
            x: 90.0,
            y: 0.0,
            width: 20.0,
            height: 10.0,
        }),
        scale: Scale::PerPoint(10.0),
    };
    let page = service()
        .render_blocking(&document(half_black()), request)
        .unwrap();
    assert_eq!((page.image.width(), page.image.height()), (200, 100));
    assert_eq!(pixel(&page, 90, 50), BLACK);
    assert_eq!(pixel(&page, 110, 50), WHITE);
}

#[test]
fn a_turned_page_is_drawn_as_it_is_read() {
    let mut pdf = PdfBuilder::new();
    pdf.page(200.0, 100.0, "/Rotate 90", b"0 0 100 100 re f");
    let page = service()
        .render_blocking(&document(pdf.build()), RenderRequest::fit_width(0, 100))
        .unwrap();
    assert_eq!((page.image.width(), page.image.height()), (100, 200));
    assert_eq!(pixel(&page, 50, 20), BLACK);
    assert_eq!(pixel(&page, 50, 180), WHITE);
}

#[test]
fn a_page_that_does_not_exist_is_named() {
    let error = service()
        .render_blocking(&document(half_black()), RenderRequest::fit_width(7, 100))
        .unwrap_err();
    assert_eq!(error, PageError::NoSuchPage { page: 7, count: 1 });
    assert_eq!(
        error.to_string(),
        "page 8 does not exist; the document has 1"
    );
}

#[test]
fn documents_encrypted_without_a_password_to_open_are_drawn() {
    let service = service();
    for name in ["owner-locked.pdf", "owner-locked-rc4.pdf"] {
        let document = Document::open(&fixture(name)).unwrap();
        let page = service
            .render_blocking(&document, RenderRequest::fit_width(0, 595))
            .unwrap();
        assert_eq!(pixel(&page, 100, 842 - 620), BLACK, "{name}");
        let text = service.text_blocking(&document, 0).unwrap();
        assert_eq!(text.plain(), "Notice", "{name}");
    }
}

#[test]
fn a_picture_that_is_missing_from_a_page_is_said() {
    let mut pdf = PdfBuilder::new();
    let picture = pdf.stream(
        "/Type /XObject /Subtype /Image /Width 10 /Height 10 /BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter /DCTDecode",
        b"this is no JPEG",
    );
    let resources = format!("/Resources << /XObject << /X {picture} 0 R >> >>");
    pdf.page(100.0, 100.0, &resources, b"100 0 0 100 0 0 cm /X Do");
    let page = service()
        .render_blocking(&document(pdf.build()), RenderRequest::fit_width(0, 100))
        .unwrap();
    assert_eq!(page.warnings, [PageWarning::PictureMissing]);
}

/// Fills of a whole plan, turned, by a mesh of a hundredth of a point.
#[test]
fn what_stands_on_fills_by_a_mesh_is_drawn() {
    let mut pdf = PdfBuilder::new();
    let corners = [[0, 0, 0], [0, 255, 0], [0, 0, 255]];
    let mesh = corners.map(|[flag, x, y]| [flag, x, y, 255, 0, 0]);
    let mesh = pdf.stream(
        "/ShadingType 4 /ColorSpace /DeviceRGB /BitsPerCoordinate 8 /BitsPerComponent 8 /BitsPerFlag 8 \
         /Decode [0 0.1 0 0.1 0 1 0 1 0 1]",
        mesh.as_flattened(),
    );
    let resources = format!(
        "/Rotate 90 /Resources << /Pattern << /M << /PatternType 2 /Shading {mesh} 0 R >> >> >>"
    );
    let fills = "/Pattern cs /M scn 0 0 2384 3370 re f ".repeat(3);
    let content = format!("{fills} 0 g 0 0 1192 3370 re f");
    pdf.page(2384.0, 3370.0, &resources, content.as_bytes());
    let page = service()
        .render_blocking(&document(pdf.build()), RenderRequest::fit_width(0, 337))
        .unwrap();
    assert_eq!((page.image.width(), page.image.height()), (337, 238));
    assert_eq!(pixel(&page, 168, 60), BLACK);
    assert_eq!(pixel(&page, 168, 180), WHITE);
}

/// Left half dark, right half light.
fn halves() -> RgbImage {
    RgbImage::from_fn(120, 60, |x, _| {
        if x < 60 {
            Rgb([20, 30, 40])
        } else {
            Rgb([250, 240, 230])
        }
    })
}

#[track_caller]
fn check_picture(bytes: &[u8], kind: DocumentKind) {
    let service = service();
    let document = document(bytes);
    let info = service.open_blocking(&document).unwrap();
    assert_eq!(info.kind, kind);
    assert_eq!(info.pages.len(), 1);
    let page = service
        .render_blocking(&document, RenderRequest::fit_width(0, 240))
        .unwrap();
    assert_eq!((page.image.width(), page.image.height()), (240, 120));
    assert!(
        page.image
            .pixels()
            .as_chunks::<4>()
            .0
            .iter()
            .all(|p| p[3] == 255)
    );
    let (dark, light) = (pixel(&page, 20, 60), pixel(&page, 220, 60));
    assert!(dark[0] < 60 && light[0] > 200, "{dark:?} {light:?}");
    assert_eq!(service.text_blocking(&document, 0).unwrap().words, []);
}

#[test]
fn pictures_of_every_kind_are_drawn() {
    for (format, kind) in [
        (ImageFormat::Jpeg, DocumentKind::Jpeg),
        (ImageFormat::Png, DocumentKind::Png),
        (ImageFormat::Tiff, DocumentKind::Tiff),
        (ImageFormat::WebP, DocumentKind::Webp),
    ] {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(halves())
            .write_to(&mut bytes, format)
            .unwrap();
        check_picture(bytes.get_ref(), kind);
    }
}

#[test]
fn see_through_pictures_lie_on_white() {
    let picture = image::RgbaImage::from_pixel(10, 10, image::Rgba([0, 0, 0, 0]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    let page = service()
        .render_blocking(&document(bytes.get_ref()), RenderRequest::fit_width(0, 10))
        .unwrap();
    assert_eq!(pixel(&page, 5, 5), WHITE);
}

#[test]
fn a_photograph_is_turned_as_the_camera_was_held() {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90);
    encoder
        .encode(halves().as_raw(), 120, 60, ExtendedColorType::Rgb8)
        .unwrap();
    // Orientation 6: turn by 90° clockwise to read.
    let mut exif =
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    let mut segment = vec![0xff, 0xe1];
    segment.extend_from_slice(&(exif.len() as u16 + 2).to_be_bytes());
    segment.append(&mut exif);
    bytes.splice(2..2, segment);
    let page = service()
        .render_blocking(&document(bytes), RenderRequest::fit_width(0, 60))
        .unwrap();
    assert_eq!((page.image.width(), page.image.height()), (60, 120));
    assert!(pixel(&page, 30, 20)[0] < 60);
    assert!(pixel(&page, 30, 100)[0] > 200);
}

#[test]
fn a_large_picture_is_brought_down_and_drawn_whole() {
    let row = [vec![0; 2100], vec![255; 2100]].concat();
    let picture = GrayImage::from_raw(4200, 3000, row.repeat(3000)).unwrap();
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    let page = service()
        .render_blocking(&document(bytes.get_ref()), RenderRequest::fit_width(0, 700))
        .unwrap();
    assert_eq!((page.image.width(), page.image.height()), (700, 500));
    let half = 700 * 500 / 2;
    assert!(ink(&page).abs_diff(half) < 1000);
}

#[track_caller]
fn check_giant_scan(entries: &str, parameters: &str, left: [u8; 4]) {
    let side = 40_000;
    let mut pdf = PdfBuilder::new();
    let scan = pdf.stream(
        &format!(
            "/Type /XObject /Subtype /Image /Width {side} /Height {side} /BitsPerComponent 1 \
             /ColorSpace /DeviceGray {entries} /Filter /CCITTFaxDecode \
             /DecodeParms << /K -1 /Columns {side} /Rows {side} {parameters} >>"
        ),
        &support::tiff::half_black_group_4(side),
    );
    let resources = format!("/Resources << /XObject << /X {scan} 0 R >> >>");
    let content = b"200 0 0 200 0 0 cm /X Do";
    pdf.page(200.0, 200.0, &resources, content);
    let page = service()
        .render_blocking(&document(pdf.build()), RenderRequest::fit_width(0, 200))
        .unwrap();
    let right = left.map(|sample| if sample == 0 { 255 } else { 0 });
    assert_eq!(pixel(&page, 50, 190), left);
    assert_eq!(pixel(&page, 150, 10)[..3], right[..3]);
    assert!(ink(&page).abs_diff(200 * 100) < 500);
}

#[test]
fn a_giant_scan_is_drawn() {
    check_giant_scan("", "", BLACK);
    check_giant_scan("", "/BlackIs1 true", WHITE);
    check_giant_scan("/Decode [1 0]", "/BlackIs1 true", BLACK);
}
