//! The kinds of documents that the sample town carries, by their bytes.

use vyveska_sample_town::SampleTown;

fn bytes<'a>(town: &'a SampleTown, file: &str) -> &'a [u8] {
    &town.documents[file]
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[test]
fn the_special_documents_are_what_they_claim() {
    let town = SampleTown::load().unwrap();
    let scans = [
        ("rozhodnuti-pristavba-telocvicny.pdf", "/CCITTFaxDecode"),
        ("ochranne-pasmo-jeleni-potok.pdf", "/JBIG2Decode"),
        ("hromadny-predpisny-seznam.pdf", "/JBIG2Decode"),
        ("oznameni-zahajeni-rizeni-vodovod-tisova.pdf", "/DCTDecode"),
    ];
    for (file, filter) in scans {
        assert!(
            contains(bytes(&town, file), filter),
            "{file} has no {filter}"
        );
    }
    assert!(contains(
        bytes(&town, "drazba-podil-horni-paseky.pdf"),
        "/Encrypt"
    ));
    assert!(contains(
        bytes(&town, "opatreni-prechodna-uprava-karlovarska.pdf"),
        "/FontFile2"
    ));
    for file in [
        "rozhodnuti-uzavirka-mostu.pdf",
        "pozvani-ustni-jednani-c-p-47.pdf",
    ] {
        assert!(
            contains(bytes(&town, file), "/ecaron"),
            "{file} names no Czech letter"
        );
        assert!(
            !contains(bytes(&town, file), "/FontFile"),
            "{file} embeds a font"
        );
    }
    let corrupted = bytes(&town, "soupis-movitych-veci.pdf");
    assert!(corrupted.starts_with(b"%PDF-") && !contains(corrupted, "%%EOF"));
    assert!(contains(
        bytes(&town, "hlavni-vykres-zmena-c-3-A0.pdf"),
        "/MediaBox [ 0 0 3370.394 2383.937 ]"
    ));
    assert!(bytes(&town, "verejnopravni-smlouva-hasici.tif").starts_with(b"II*\0"));
    assert!(bytes(&town, "alej-u-hrbitova.jpg").starts_with(&[0xff, 0xd8]));
    assert!(bytes(&town, "katastralni-mapa-1182-4.png").starts_with(b"\x89PNG"));
    assert!(bytes(&town, "prihlaska-do-vyberoveho-rizeni.docx").starts_with(b"PK\x03\x04"));
}
