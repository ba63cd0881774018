//! Reading a town's feed of 2,246 notices.
//!
//! Takes the real one of the reference folder where that is beside the workspace, else one of the same size.

use std::fmt::Write;
use std::path::Path;

use divan::Bencher;
use divan::counter::BytesCount;
use url::Url;
use vyveska_board::ofn;

const NOTICES: usize = 2_246;

fn main() {
    divan::main();
}

#[divan::bench]
fn read_2246_notices(bencher: Bencher<'_, '_>) {
    let feed = real_feed().unwrap_or_else(made_feed);
    let url = Url::parse("https://obec.example/deska.jsonld").expect("an address");
    let boards = ofn::read(&feed, &url).expect("it is a feed");
    assert_eq!(boards[0].notices.len(), NOTICES);
    bencher
        .counter(BytesCount::of_slice(&feed))
        .bench(|| ofn::read(divan::black_box(&feed), &url));
}

fn real_feed() -> Option<Vec<u8>> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .find_map(|folder| {
            std::fs::read(folder.join("shared/feeds/town-b-with-archive.jsonld")).ok()
        })
}

fn made_feed() -> Vec<u8> {
    let mut notices = String::new();
    for number in 0..NOTICES {
        let comma = if number == 0 { "" } else { "," };
        write!(
            notices,
            r#"{comma}
  {{
   "typ": [
    "Digitální objekt",
    "Informace na úřední desce"
   ],
   "iri": "https://obec.example/zdroj/uredni-deska/{number}",
   "url": "https://obec.example/uredni-deska/57e7b763b562-{number}",
   "název": {{
    "cs": "Veřejná vyhláška - stanovení přechodné úpravy  provozu na silnicích č. II/{number}, II/873 a III/9642"
   }},
   "vyvěšení": {{
    "typ": "Časový okamžik",
    "datum": "2022-01-27"
   }},
   "relevantní_do": {{
    "typ": "Časový okamžik",
    "datum": "2022-02-15"
   }}
  }}"#
        )
        .expect("writing to a text cannot fail");
    }
    format!(
        r#"{{
 "@context": "https://ofn.gov.cz/úřední-desky/2021-07-20/kontexty/úřední-deska.jsonld",
 "typ": "Úřední deska",
 "iri": "https://obec.example/zdroj/uredni-deska",
 "stránka": "https://obec.example/uredni-deska",
 "provozovatel": {{"typ": "Osoba", "ičo": "00258245"}},
 "informace": [{notices}]
}}"#
    )
    .into_bytes()
}
