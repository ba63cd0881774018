//! The kinds of TIFF that scanners and fax servers write.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};
use std::path::{Path, PathBuf};
use std::slice;
use support::tiff::{
    BITS, COMPRESSION, EXTRA_SAMPLES, FILL_ORDER, GROUP_3_OPTIONS, HEIGHT, ORIENTATION, PALETTE,
    PHOTOMETRIC, PLANES, RESOLUTION_UNIT, ROWS_PER_STRIP, SAMPLES, TILE_HEIGHT, TILE_WIDTH,
    TiffBuilder, Value, WIDTH, X_RESOLUTION, Y_RESOLUTION, bits, half_black_group_4,
};
use support::{document, ink, options, pixel, service};
use vyveska_pages::{
    Document, DocumentInfo, PageError, PageRect, PageService, PageSize, RenderRequest,
    RenderedPage, Scale,
};

const ACROSS: u32 = 64;
const DOWN: u32 = 48;

const BLACK: [u8; 3] = [0; 3];
const WHITE: [u8; 3] = [255; 3];
const RED: [u8; 3] = [200, 30, 40];
const GREEN: [u8; 3] = [30, 160, 60];
const BLUE: [u8; 3] = [40, 60, 190];

/// Top left, top right, bottom left and bottom right of a page.
type Quarters = [[u8; 3]; 4];

const INKED: Quarters = [BLACK, WHITE, WHITE, WHITE];
const COLOURED: Quarters = [RED, GREEN, BLUE, WHITE];

const NONE: u16 = 1;
const HUFFMAN: u16 = 2;
const GROUP_3: u16 = 3;
const GROUP_4: u16 = 4;
const JPEG: u16 = 7;
const PACK_BITS: u16 = 32773;

const WHITE_IS_ZERO: u16 = 0;
const BLACK_IS_ZERO: u16 = 1;
const RGB: u16 = 2;
const OF_PALETTE: u16 = 3;
const CMYK: u16 = 5;
const YCBCR: u16 = 6;

/// The tags of a page of the common size.
fn tags(
    compression: u16,
    photometric: u16,
    bits: &[u16],
    more: &[(u16, Value)],
) -> Vec<(u16, Value)> {
    let mut tags = vec![
        (WIDTH, Value::Long(ACROSS)),
        (HEIGHT, Value::Long(DOWN)),
        (BITS, Value::Shorts(bits.to_vec())),
        (COMPRESSION, Value::Short(compression)),
        (PHOTOMETRIC, Value::Short(photometric)),
        (SAMPLES, Value::Short(bits.len() as u16)),
    ];
    if !more.iter().any(|(tag, _)| *tag == TILE_WIDTH) {
        tags.push((ROWS_PER_STRIP, Value::Long(DOWN)));
    }
    tags.retain(|(tag, _)| !more.iter().any(|(other, _)| other == tag));
    tags.extend_from_slice(more);
    tags
}

fn file(tags: &[(u16, Value)], chunks: &[Vec<u8>]) -> Vec<u8> {
    TiffBuilder::new().page(tags, chunks).build()
}

/// Samples row by row, made from the quarter that each pixel is in.
fn rows<const N: usize>(of_quarter: [[u8; N]; 4]) -> Vec<u8> {
    let quarters =
        (0..DOWN).flat_map(|y| (0..ACROSS).map(move |x| x * 2 / ACROSS + y * 2 / DOWN * 2));
    quarters
        .flat_map(|quarter| of_quarter[quarter as usize])
        .collect()
}

/// The rows of the inked picture, black being one.
fn ink_bits() -> Vec<u8> {
    let half = ACROSS as usize / 16;
    let inked = [vec![0xff; half], vec![0; half]].concat();
    let rows = DOWN as usize / 2;
    [inked.repeat(rows), vec![0; half * 2].repeat(rows)].concat()
}

fn reversed(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| byte.reverse_bits()).collect()
}

fn inverted(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| !byte).collect()
}

/// Runs without repetitions, at most 128 bytes each.
fn pack_bits(bytes: &[u8]) -> Vec<u8> {
    let literal = |part: &[u8]| [&[part.len() as u8 - 1], part].concat();
    bytes.chunks(128).flat_map(literal).collect()
}

// Half a row of black, then white; and a white row.
const INKED_RUNS: &str = "00110101 000001101010 00011011";
const WHITE_RUNS: &str = "11011 00110101";
const END_OF_LINE: &str = "000000000001";

/// Group 4 for the upper half, each row but the first as the one above.
fn group_4_upper() -> String {
    let first = "001 00110101 000001101010 1";
    format!("{first} {}", "111".repeat(DOWN as usize / 2 - 1))
}

fn group_4() -> Vec<u8> {
    let lower = format!("0001 1 {}", "1".repeat(DOWN as usize / 2 - 1));
    bits(&format!("{} {lower}", group_4_upper()))
}

/// Each row by its runs, joined by `line`.
fn group_3(line: impl FnMut(&str) -> String) -> Vec<u8> {
    let rows = DOWN as usize / 2;
    let rows = [[INKED_RUNS].repeat(rows), [WHITE_RUNS].repeat(rows)].concat();
    bits(&rows.into_iter().map(line).collect::<String>())
}

#[track_caller]
fn draw(bytes: &[u8]) -> RenderedPage {
    service()
        .render_blocking(&document(bytes), RenderRequest::fit_width(0, 128))
        .unwrap()
}

#[track_caller]
fn check_quarters(page: &RenderedPage, expected: Quarters) {
    let (width, height) = (page.image.width(), page.image.height());
    for (index, expected) in expected.into_iter().enumerate() {
        let (column, row) = (index as u32 % 2, index as u32 / 2);
        let drawn = pixel(
            page,
            width / 4 + column * width / 2,
            height / 4 + row * height / 2,
        );
        let is_near = |(drawn, expected): (&u8, &u8)| drawn.abs_diff(*expected) < 8;
        assert!(
            drawn.iter().zip(&expected).all(is_near),
            "quarter {index} is {drawn:?}, not {expected:?}"
        );
    }
}

#[track_caller]
fn check(tags: &[(u16, Value)], chunks: &[Vec<u8>], expected: Quarters) {
    for builder in [TiffBuilder::new(), TiffBuilder::big_endian()] {
        let page = draw(&builder.page(tags, chunks).build());
        assert_eq!((page.image.width(), page.image.height()), (128, 96));
        check_quarters(&page, expected);
        assert_eq!(page.warnings, []);
    }
}

#[test]
fn bits_are_black_as_the_page_says() {
    let one = [1];
    let lowest_first = (FILL_ORDER, Value::Short(2));
    check(&tags(NONE, WHITE_IS_ZERO, &one, &[]), &[ink_bits()], INKED);
    check(
        &tags(NONE, BLACK_IS_ZERO, &one, &[]),
        &[inverted(&ink_bits())],
        INKED,
    );
    let ends_in_bytes = [(WIDTH, Value::Long(60)), lowest_first.clone()];
    let page = draw(&file(
        &tags(NONE, WHITE_IS_ZERO, &one, &ends_in_bytes),
        &[reversed(&ink_bits())],
    ));
    // Reversed bits are where they belong: the edge is at 32 of 60 pixels.
    assert_eq!(pixel(&page, 64, 10)[0], 0);
    assert_eq!(pixel(&page, 74, 10)[0], 255);
    check(
        &tags(PACK_BITS, WHITE_IS_ZERO, &one, &[lowest_first]),
        &[reversed(&pack_bits(&ink_bits()))],
        INKED,
    );
}

#[test]
fn a_fax_by_group_4_is_black_on_white() {
    let tags = |more: &[(u16, Value)]| tags(GROUP_4, WHITE_IS_ZERO, &[1], more);
    check(&tags(&[]), &[group_4()], INKED);
    let lowest_first = (FILL_ORDER, Value::Short(2));
    check(
        &tags(slice::from_ref(&lowest_first)),
        &[reversed(&group_4())],
        INKED,
    );
    let halves = (ROWS_PER_STRIP, Value::Long(DOWN / 2));
    let strips = [
        reversed(&bits(&group_4_upper())),
        reversed(&bits(&"1".repeat(DOWN as usize / 2))),
    ];
    check(&tags(&[lowest_first, halves]), &strips, INKED);
    let as_one = (ROWS_PER_STRIP, Value::Long(u32::MAX));
    check(&tags(&[as_one]), &[group_4()], INKED);
    let negative = (PHOTOMETRIC, Value::Short(BLACK_IS_ZERO));
    check(
        &tags(&[negative]),
        &[group_4()],
        [WHITE, BLACK, BLACK, BLACK],
    );
}

#[test]
fn a_fax_by_group_3_is_drawn() {
    let tags = |compression, options| {
        let options = (GROUP_3_OPTIONS, Value::Long(options));
        tags(compression, WHITE_IS_ZERO, &[1], &[options])
    };
    let ended = group_3(|runs| format!("{END_OF_LINE} {runs}"));
    check(&tags(GROUP_3, 0), &[ended], INKED);
    let unended = group_3(str::to_owned);
    check(&tags(GROUP_3, 0), &[unended], INKED);
    // Ends of lines that end bytes.
    let mut length = 0;
    let filled = group_3(|runs| {
        let fill = "0".repeat((8 - (length + END_OF_LINE.len()) % 8) % 8);
        let line = format!("{fill}{END_OF_LINE}{}", runs.replace(' ', ""));
        length += line.len();
        line
    });
    check(&tags(GROUP_3, 4), &[filled], INKED);
    // Every line says that it is by its runs, except one that is as the one above.
    let two_dimensional = group_3(|runs| format!("{END_OF_LINE} 1 {runs}"));
    check(&tags(GROUP_3, 1), &[two_dimensional], INKED);
    let mut text = format!("{END_OF_LINE} 1 {INKED_RUNS}");
    text.push_str(&format!("{END_OF_LINE} 0 111").repeat(DOWN as usize / 2 - 1));
    text.push_str(&format!("{END_OF_LINE} 1 {WHITE_RUNS}").repeat(DOWN as usize / 2));
    check(&tags(GROUP_3, 1), &[bits(&text)], INKED);
    let aligned = group_3(|runs| {
        let length = runs.replace(' ', "").len();
        format!("{runs}{}", "0".repeat((8 - length % 8) % 8))
    });
    check(&tags(HUFFMAN, 0), &[aligned], INKED);
}

#[test]
fn colours_come_out_as_they_are() {
    let eight = [8; 4];
    let rgb = rows(COLOURED);
    check(
        &tags(NONE, RGB, &eight[..3], &[]),
        slice::from_ref(&rgb),
        COLOURED,
    );
    let planes: [Vec<u8>; 3] =
        [0, 1, 2].map(|plane| rgb.iter().skip(plane).step_by(3).copied().collect());
    let planar = (PLANES, Value::Short(2));
    check(&tags(NONE, RGB, &eight[..3], &[planar]), &planes, COLOURED);

    let inks = COLOURED.map(|[red, green, blue]| [255 - red, 255 - green, 255 - blue, 0]);
    check(&tags(NONE, CMYK, &eight, &[]), &[rows(inks)], COLOURED);
    let black_ink = [[0, 0, 0, 255], [0; 4], [0; 4], [0; 4]];
    check(&tags(NONE, CMYK, &eight, &[]), &[rows(black_ink)], INKED);

    let clear = [[0, 0, 0, 255], [9, 9, 9, 0], [9, 9, 9, 0], [9, 9, 9, 0]];
    let alpha = (EXTRA_SAMPLES, Value::Short(2));
    check(
        &tags(NONE, RGB, &eight, slice::from_ref(&alpha)),
        &[rows(clear)],
        INKED,
    );
    let clear = [[0, 255], [9, 0], [9, 0], [9, 0]];
    check(
        &tags(NONE, BLACK_IS_ZERO, &eight[..2], &[alpha]),
        &[rows(clear)],
        INKED,
    );
}

#[test]
fn shades_of_every_depth_are_drawn() {
    let shade = |shade: u8| [shade; 3];
    let expected = [BLACK, WHITE, shade(85), shade(170)];
    let pixels: Vec<u8> = rows([[0], [3], [1], [2]]);
    let two: Vec<u8> = pixels
        .chunks(4)
        .map(|part| part.iter().fold(0_u8, |byte, pixel| byte << 2 | *pixel))
        .collect();
    check(&tags(NONE, BLACK_IS_ZERO, &[2], &[]), &[two], expected);
    let four: Vec<u8> = pixels
        .chunks(2)
        .map(|part| (part[0] << 4 | part[1]) * 5)
        .collect();
    check(&tags(NONE, BLACK_IS_ZERO, &[4], &[]), &[four], expected);
    let eight: Vec<u8> = pixels.iter().map(|pixel| 255 - pixel * 85).collect();
    check(&tags(NONE, WHITE_IS_ZERO, &[8], &[]), &[eight], expected);
    let sixteen = pixels.iter().flat_map(|pixel| [pixel * 85; 2]).collect();
    check(&tags(NONE, BLACK_IS_ZERO, &[16], &[]), &[sixteen], expected);
}

#[test]
fn colours_of_a_palette_are_drawn() {
    let map = |count: usize, scale: u16| {
        let mut map = vec![0; count * 3];
        for (index, colour) in COLOURED.iter().enumerate().take(count) {
            for (channel, shade) in colour.iter().enumerate() {
                map[channel * count + index] = u16::from(*shade) * scale;
            }
        }
        (PALETTE, Value::Shorts(map))
    };
    let numbers = rows([[0], [1], [2], [3]]);
    for scale in [257, 1] {
        let tags = tags(NONE, OF_PALETTE, &[8], &[map(256, scale)]);
        check(&tags, slice::from_ref(&numbers), COLOURED);
    }
    let four = numbers
        .chunks(2)
        .map(|part| part[0] << 4 | part[1])
        .collect();
    check(
        &tags(NONE, OF_PALETTE, &[4], &[map(16, 257)]),
        &[four],
        COLOURED,
    );
    check(
        &tags(NONE, OF_PALETTE, &[1], &[map(2, 257)]),
        &[ink_bits()],
        [GREEN, RED, RED, RED],
    );
}

#[test]
fn a_photograph_inside_is_drawn() {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 95)
        .write_image(&rows(COLOURED), ACROSS, DOWN, ExtendedColorType::Rgb8)
        .unwrap();
    check(&tags(JPEG, YCBCR, &[8; 3], &[]), &[jpeg], COLOURED);
}

#[test]
fn tiles_are_put_together() {
    // Tiles reach over the right and the lower edge.
    let (width, height) = (48_u32, 32_u32);
    let whole = rows(COLOURED);
    let tile = |left: u32, top: u32| -> Vec<u8> {
        let pixels = (top..top + height).flat_map(|y| (left..left + width).map(move |x| (x, y)));
        pixels
            .flat_map(|(x, y)| {
                let inside = x < ACROSS && y < DOWN;
                let start = if inside {
                    (y * ACROSS + x) as usize * 3
                } else {
                    0
                };
                [whole[start], whole[start + 1], whole[start + 2]]
            })
            .collect()
    };
    let sizes = [
        (TILE_WIDTH, Value::Long(width)),
        (TILE_HEIGHT, Value::Long(height)),
    ];
    let tiles = [tile(0, 0), tile(48, 0), tile(0, 32), tile(48, 32)];
    check(&tags(NONE, RGB, &[8; 3], &sizes), &tiles, COLOURED);
}

#[test]
fn a_page_is_turned_as_it_says() {
    let [a, b, c, d] = COLOURED;
    let read = [
        [a, b, c, d],
        [b, a, d, c],
        [d, c, b, a],
        [c, d, a, b],
        [a, c, b, d],
        [c, a, d, b],
        [d, b, c, a],
        [b, d, a, c],
    ];
    for (index, expected) in read.into_iter().enumerate() {
        let orientation = (ORIENTATION, Value::Short(index as u16 + 1));
        let page = draw(&file(
            &tags(NONE, RGB, &[8; 3], &[orientation]),
            &[rows(COLOURED)],
        ));
        check_quarters(&page, expected);
        let is_turned = index >= 4;
        let shape = if is_turned { (128, 171) } else { (128, 96) };
        assert_eq!((page.image.width(), page.image.height()), shape);
    }
}

#[track_caller]
fn check_size(resolution: &[(u16, Value)], width: f32, height: f32) {
    let tags = tags(GROUP_4, WHITE_IS_ZERO, &[1], resolution);
    let info = service()
        .open_blocking(&document(file(&tags, &[group_4()])))
        .unwrap();
    let size = info.pages[0];
    assert!(
        (size.width - width).abs() < 0.01 && (size.height - height).abs() < 0.01,
        "{size:?}"
    );
}

#[test]
fn a_page_has_the_size_that_its_resolutions_give() {
    let across = |dots| (X_RESOLUTION, Value::Rational(dots, 1));
    let down = |dots| (Y_RESOLUTION, Value::Rational(dots, 1));
    let unit = |unit| (RESOLUTION_UNIT, Value::Short(unit));
    let (width, height) = (ACROSS as f32 * 72.0, DOWN as f32 * 72.0);
    check_size(&[], width / 96.0, height / 96.0);
    check_size(&[across(204), down(98)], width / 204.0, height / 98.0);
    check_size(&[across(300)], width / 300.0, height / 300.0);
    check_size(
        &[across(80), down(40), unit(3)],
        width / 203.2,
        height / 101.6,
    );
    // Of a proportion, or of a density that cannot be, the shape is kept.
    check_size(&[across(2), down(1), unit(1)], width / 96.0, height / 48.0);
    check_size(&[across(0), down(0)], width / 96.0, height / 96.0);
}

#[test]
fn a_fax_of_two_resolutions_has_its_shape() {
    let resolution = [
        (X_RESOLUTION, Value::Rational(200, 1)),
        (Y_RESOLUTION, Value::Rational(100, 1)),
    ];
    let page = draw(&file(
        &tags(GROUP_4, WHITE_IS_ZERO, &[1], &resolution),
        &[group_4()],
    ));
    assert_eq!((page.image.width(), page.image.height()), (128, 192));
    check_quarters(&page, INKED);
}

#[track_caller]
fn refusal(tags: &[(u16, Value)], chunk: Vec<u8>) -> PageError {
    service()
        .open_blocking(&document(file(tags, &[chunk])))
        .unwrap_err()
}

#[test]
fn a_page_of_an_unknown_kind_is_refused_by_its_name() {
    for (compression, name) in [
        (6, "JPEG"),
        (34661, "JBIG"),
        (34712, "JPEG 2000"),
        (7777, "7777"),
    ] {
        let error = refusal(&tags(compression, RGB, &[8; 3], &[]), vec![0; 9]);
        assert_eq!(error.code(), "unsupported");
        assert!(error.to_string().contains(name), "{error}");
    }
    let lab = refusal(&tags(NONE, 9, &[8; 3], &[]), vec![0; 9]);
    assert!(lab.to_string().contains("L*a*b*"), "{lab}");
    let logarithmic = refusal(&tags(NONE, 32844, &[16], &[]), vec![0; 9]);
    assert_eq!(logarithmic.code(), "unsupported");
    let uncompressed = (GROUP_3_OPTIONS, Value::Long(3));
    let tags = tags(GROUP_3, WHITE_IS_ZERO, &[1], &[uncompressed]);
    let error = service()
        .render_blocking(
            &document(file(&tags, &[vec![0x0f; 40]])),
            RenderRequest::fit_width(0, 100),
        )
        .unwrap_err();
    assert_eq!(error.code(), "unsupported");
    let name = "fax (Group 3, two-dimensional)";
    assert!(error.to_string().contains(name), "{error}");
}

#[test]
fn one_page_of_an_unknown_kind_leaves_the_others() {
    let drawn = tags(NONE, RGB, &[8; 3], &[]);
    let logarithmic = tags(NONE, 32844, &[16], &[]);
    let file = TiffBuilder::new()
        .page(&logarithmic, &[vec![0; 9]])
        .page(&drawn, &[rows(COLOURED)])
        .page(&tags(34661, WHITE_IS_ZERO, &[1], &[]), &[vec![0; 9]])
        .page(&drawn, &[rows(COLOURED)])
        .build();
    let (service, document) = (service(), document(file));
    assert_eq!(service.open_blocking(&document).unwrap().pages.len(), 4);
    for page in 0..4 {
        let outcome = service.render_blocking(&document, RenderRequest::fit_width(page, 128));
        if page % 2 == 0 {
            assert_eq!(outcome.unwrap_err().code(), "unsupported");
        } else {
            check_quarters(&outcome.unwrap(), COLOURED);
        }
    }
}

#[test]
fn a_fax_that_ends_early_is_drawn_with_a_warning() {
    let upper = group_4();
    let tags = tags(GROUP_4, WHITE_IS_ZERO, &[1], &[]);
    let page = draw(&file(&tags, &[upper[..upper.len() - 5].to_vec()]));
    assert_eq!(page.warnings.len(), 1);
    assert_eq!(pixel(&page, 10, 10)[0], 0);
    let error = service()
        .render_blocking(
            &document(file(&tags, &[vec![0; 9]])),
            RenderRequest::fit_width(0, 100),
        )
        .unwrap_err();
    assert_eq!(error.code(), "broken");
}

fn plan(side: u32) -> Vec<u8> {
    let tags = [
        (WIDTH, Value::Long(side)),
        (HEIGHT, Value::Long(side)),
        (COMPRESSION, Value::Short(GROUP_4)),
        (PHOTOMETRIC, Value::Short(WHITE_IS_ZERO)),
        (X_RESOLUTION, Value::Rational(576, 1)),
    ];
    file(&tags, &[half_black_group_4(side)])
}

#[test]
fn a_plan_of_gigapixels_is_drawn_and_is_sharp_when_enlarged() {
    let side = 40_000;
    let (service, document) = (service(), document(plan(side)));
    let page = service
        .render_blocking(&document, RenderRequest::fit_width(0, 600))
        .unwrap();
    assert_eq!((page.image.width(), page.image.height()), (600, 600));
    assert!(ink(&page).abs_diff(600 * 300) < 1500);
    assert!(page.worker_peak_bytes < 200 << 20);

    let points = 72.0 / 576.0;
    let middle = PageRect {
        x: (side / 2 - 10) as f32 * points,
        y: 39_000.0 * points,
        width: 20.0 * points,
        height: 5.0 * points,
    };
    let request = RenderRequest {
        page: 0,
        region: Some(middle),
        scale: Scale::FitWidth(20),
    };
    let page = service.render_blocking(&document, request).unwrap();
    let row: Vec<bool> = (0..20).map(|x| pixel(&page, x, 2)[0] < 128).collect();
    let mut expected = [[true; 10], [false; 10]].concat();
    expected[8] = false;
    assert_eq!(row, expected);
}

#[test]
fn larger_than_any_plan_is_refused() {
    for (width, height) in [(70_000, 70_000), (400_000, 10)] {
        let size = [(WIDTH, Value::Long(width)), (HEIGHT, Value::Long(height))];
        let rows = (ROWS_PER_STRIP, Value::Long(height));
        let tags = tags(GROUP_4, WHITE_IS_ZERO, &[1], &[&size[..], &[rows]].concat());
        assert_eq!(refusal(&tags, vec![0xff; 100]).code(), "too_large");
    }
    let size = [
        (WIDTH, Value::Long(20_000)),
        (HEIGHT, Value::Long(20_000)),
        (ROWS_PER_STRIP, Value::Long(20_000)),
    ];
    let rgb = tags(NONE, RGB, &[8; 3], &size);
    assert_eq!(refusal(&rgb, vec![0; 100]).code(), "too_large");
}

/// Every file above that is not huge, with a few of its bytes changed.
#[test]
fn damage_ends_no_worker() {
    let options_3 = (GROUP_3_OPTIONS, Value::Long(1));
    let lowest_first = (FILL_ORDER, Value::Short(2));
    let turned = (ORIENTATION, Value::Short(6));
    let palette = (PALETTE, Value::Shorts(vec![0x8000; 768]));
    let two_d = group_3(|runs| format!("{END_OF_LINE} 1 {runs}"));
    let one = [1];
    let files = [
        file(&tags(GROUP_4, 0, &one, &[turned]), &[group_4()]),
        file(&tags(GROUP_3, 0, &one, &[options_3]), &[two_d]),
        file(
            &tags(PACK_BITS, 0, &one, &[lowest_first]),
            &[reversed(&pack_bits(&ink_bits()))],
        ),
        file(
            &tags(NONE, OF_PALETTE, &[8], &[palette]),
            &[rows([[0], [1], [2], [3]])],
        ),
        file(&tags(NONE, CMYK, &[8; 4], &[]), &[rows([[9; 4]; 4])]),
    ];
    let service = PageService::start(options()).unwrap();
    let mut seed = 1_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as usize % below
    };
    let mut drawn = 0;
    for round in 0..300 {
        let mut bytes = files[round % files.len()].clone();
        // The directory comes last.
        let from = if round % 2 == 0 {
            bytes.len().saturating_sub(160)
        } else {
            0
        };
        for _ in 0..=random(4) {
            let place = from + random(bytes.len() - from);
            bytes[place] = random(256) as u8;
        }
        if round % 7 == 0 {
            bytes.truncate(random(bytes.len()) + 1);
        }
        let outcome = service.render_blocking(&document(&bytes), RenderRequest::fit_width(0, 100));
        match outcome {
            Ok(_) => drawn += 1,
            Err(error) => assert!(
                ["broken", "unsupported", "too_large"].contains(&error.code()),
                "round {round}: {error}"
            ),
        }
    }
    assert!(drawn > 20, "{drawn} of the damaged files were drawn");
}

fn field_file(name: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|ancestor| ancestor.join("shared/field").join(name))
        .find(|path| path.is_file());
    if found.is_none() {
        eprintln!("{name} is not beside the workspace: it was not checked");
    }
    found
}

fn field_pages(name: &str) -> Option<(DocumentInfo, Vec<RenderedPage>)> {
    let document = Document::open(&field_file(name)?).unwrap();
    let service = service();
    let info = service.open_blocking(&document).unwrap();
    let pages = (0..info.pages.len() as u32)
        .map(|page| {
            let request = RenderRequest::fit_width(page, 400);
            service.render_blocking(&document, request).unwrap()
        })
        .collect();
    Some((info, pages))
}

#[test]
fn scans_from_the_field_are_black_on_white() {
    let Some((info, pages)) = field_pages("f20c-g4-strips-lsb-first.tif") else {
        return;
    };
    assert_eq!(info.pages.len(), 1);
    let pixels = pages[0].image.pixels().len() / 4;
    assert!((1..pixels / 4).contains(&ink(&pages[0])));
    assert_eq!(pages[0].warnings, []);
}

#[test]
fn a_fax_from_the_field_has_one_shape_in_both_resolutions() {
    let Some((info, pages)) = field_pages("f21-fax-two-resolutions.tif") else {
        return;
    };
    let [low, high] = info.pages[..] else {
        panic!("{info:?}");
    };
    let PageSize { width, height } = low;
    assert!((width - high.width).abs() < 1.0 && (height - high.height).abs() < 3.0);
    assert!(ink(&pages[0]).abs_diff(ink(&pages[1])) < ink(&pages[1]) / 5);
}

#[test]
fn six_kinds_of_page_from_the_field_are_drawn() {
    let Some((info, pages)) = field_pages("f22-six-kinds-of-page.tif") else {
        return;
    };
    assert_eq!(info.pages.len(), 6);
    for page in &pages {
        assert!(page.image.width() > page.image.height());
        assert!(ink(page) > 100);
    }
    // All but the grey and the bilevel one have a word in red, one in green, and a blue triangle that points up.
    for page in &pages[..4] {
        let rows = |channel: usize| {
            // Above the band at the foot.
            let (width, height) = (page.image.width(), page.image.height());
            let pixels = page.image.pixels().as_chunks::<4>().0.iter();
            let pixels = pixels.zip(0..width * height * 2 / 3);
            let found = pixels.filter(move |(pixel, _)| {
                let others = (0..3).filter(|other| *other != channel);
                others.map(|other| pixel[other]).max() < pixel[channel].checked_sub(80)
            });
            found.map(|(_, index)| index / width).collect::<Vec<u32>>()
        };
        assert!(!rows(0).is_empty() && !rows(1).is_empty());
        let triangle = rows(2);
        let middle = (triangle[0] + triangle[triangle.len() - 1]) / 2;
        let above = triangle.iter().filter(|row| **row < middle).count();
        assert!((1..triangle.len() / 2).contains(&above));
    }
}
