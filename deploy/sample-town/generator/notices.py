"""The notices themselves: what the publisher's feed says, with every day relative to today.

A day is a number of days from today, or "wed+4": the first Wednesday on or after today + 4.
Texts may hold {year}, {last_year}, {next_year}, {date:+14}, {date:wed+4} and {weekday:wed+4}.
"""

from .council import AGENDA, paper_name

VV, AUCTION, LAND, JOBS = "Veřejné vyhlášky", "Dražby a exekuce", "Prodej a pronájem", "Výběrová řízení"
ENERGY, COUNCIL, MONEY, GRANTS = "Odstávky energií", "Zastupitelstvo a rada", "Rozpočet a hospodaření", "Dotace a granty"
LAW, NATURE, LOST, ROADS, UNION, VOTE, PLAN = (
    "Právní předpisy", "Životní prostředí", "Ztráty a nálezy", "Doprava a uzavírky", "Svazek obcí", "Volby", "Územní plánování")

MU = "Městský úřad Lipnice nad Rolavou"
OD, SU, UP, OZP = f"{MU}, odbor dopravy", f"{MU}, odbor výstavby", f"{MU}, odbor územního plánování", f"{MU}, odbor životního prostředí"
MAJ, FIN, KT, OSK = f"{MU}, majetkový odbor", f"{MU}, finanční odbor", f"{MU}, kancelář tajemníka", f"{MU}, odbor školství, kultury a sportu"
OVV, MAYOR = f"{MU}, odbor vnitřních věcí", "Starosta města"
EX1, EX2, COURT = "Exekutorský úřad Horní Rolava", "Exekutorský úřad Rolavský kraj", "Okresní soud v Rolavských Horách"

UNTIL_REPLACED = None


def notice(id, title, posted, until, agenda, odbor, number=None, mark=None, text=None, docs=(), **more):
    """One notice; keys that say nothing are left out."""
    entry = {"id": id, "title": title, "posted_day": posted}
    entry["until"] = "unspecified" if until is UNTIL_REPLACED else until
    entry["agenda"] = [agenda] if isinstance(agenda, str) else list(agenda)
    entry["department"] = odbor
    if number:
        entry["reference_number"] = number
    if mark:
        entry["file_mark"] = mark
    if text:
        entry["description"] = text
    entry.update(more)
    entry["documents"] = [{"file": file, "name": name} for file, name in docs]
    return entry


NOTICES = [
    # Public notices.
    notice("prechodna-uprava-karlovarska", "Opatření obecné povahy: přechodná úprava provozu na silnici II/218, ul. Karlovarská", 0, 15, VV, OD, "OD/4821", "SZ OD/1907",
           docs=[("opatreni-prechodna-uprava-karlovarska.pdf", "Opatření obecné povahy"), ("situace-dopravniho-znaceni.pdf", "Situace dopravního značení")]),
    notice("vodovod-tisova", "Veřejná vyhláška: oznámení o zahájení řízení o povolení záměru – vodovod Tisová, prodloužení řadu D", -2, 14, VV, SU, "SÚ/2264", "SZ SÚ/1180",
           docs=[("oznameni-zahajeni-rizeni-vodovod-tisova.pdf", "Oznámení o zahájení řízení")]),
    notice("pristavba-telocvicny", "Veřejná vyhláška: rozhodnutí o povolení záměru – přístavba tělocvičny základní školy", -4, 12, VV, SU, "SÚ/2198", "SZ SÚ/0911",
           docs=[("rozhodnuti-pristavba-telocvicny.pdf", "Rozhodnutí – povolení záměru")]),
    notice("zmena-uzemniho-planu", "Veřejná vyhláška: návrh opatření obecné povahy – změna č. 3 Územního plánu Lipnice nad Rolavou", -6, "thu+36", (VV, PLAN), UP, "ÚP/0612", "SZ ÚP/0077",
           text="Veřejné projednání se koná {weekday:thu+28} {date:thu+28} v 16.00 ve velké zasedací síni městského úřadu.",
           docs=[("navrh-oop-zmena-uzemniho-planu.pdf", "Návrh opatření obecné povahy"), ("hlavni-vykres-zmena-c-3-A0.pdf", "Hlavní výkres 1 : 5 000 (A0)"),
                 ("oduvodneni-zmeny-c-3.pdf", "Odůvodnění – textová část")]),
    notice("hromadny-predpisny-seznam", "Veřejná vyhláška: hromadný předpisný seznam – daň z nemovitých věcí", -10, 22, VV, "Finanční úřad pro Rolavský kraj", "FÚ/88120",
           docs=[("hromadny-predpisny-seznam.pdf", "Veřejná vyhláška")]),
    notice("ulozeni-pisemnosti", "Oznámení o uložení písemnosti a možnosti jejího převzetí na ohlašovně", -7, 9, VV, OVV, "OVV/1290",
           docs=[("oznameni-o-ulozeni-pisemnosti.pdf", "Oznámení o uložení písemnosti")]),
    notice("ochranne-pasmo-jeleni-potok", "Opatření obecné povahy: stanovení ochranného pásma vodního zdroje Jelení potok", -12, 4, VV, OZP, "OŽP/1714", "SZ OŽP/0466",
           docs=[("ochranne-pasmo-jeleni-potok.pdf", "Opatření obecné povahy")]),
    notice("odkanalizovani-tisova",
           "Veřejná vyhláška: oznámení zahájení vodoprávního řízení ve věci povolení k nakládání s povrchovými vodami a povolení vodního díla „Lipnice nad Rolavou – odkanalizování "
           "místních částí Tisová, Horní Paseky a Jelení, II. etapa, včetně úprav čistírny odpadních vod“", -8, 10, VV, OZP, "OŽP/1802", "SZ OŽP/0502",
           text="Ústní jednání se koná {weekday:tue+15} {date:tue+15} v 9.00 v obecním domě v Tisové.",
           docs=[("vodopravni-rizeni-odkanalizovani.pdf", "Oznámení zahájení řízení")]),
    notice("zona-30-sidliste", "Opatření obecné povahy: místní úprava provozu – zóna 30 Sídliště", -13, 3, VV, OD, "OD/4377", "SZ OD/1655",
           docs=[("mistni-uprava-zona-30.pdf", "Opatření obecné povahy")]),
    notice("lesni-hospodarske-osnovy", "Oznámení o zadání zpracování lesních hospodářských osnov pro zařizovací obvod Lipnice nad Rolavou", -15, 46, VV, OZP, "OŽP/1688",
           docs=[("lesni-hospodarske-osnovy.pdf", "Oznámení")]),
    notice("odstraneni-stavby-47", "Veřejná vyhláška: pozvání k ústnímu jednání – odstranění stavby č. p. 47, Tisová", -16, 0, VV, SU, "SÚ/2051", "SZ SÚ/1004",
           docs=[("pozvani-ustni-jednani-c-p-47.pdf", "Pozvání k ústnímu jednání")]),
    # Auctions.
    notice("drazba-tisova-214", "Dražební vyhláška: rodinný dům č. p. 214, Tisová", -3, "tue+50", AUCTION, EX1, "991 EX 1187/24-96", "991 EX 1187/24",
           text="Dražba se koná {date:tue+50} v 10.00 elektronicky.",
           docs=[("drazebni-vyhlaska-tisova-214.pdf", "Dražební vyhláška"), ("drazba-tisova-214-foto.jpg", "Snímek domu č. p. 214")]),
    notice("drazba-podil-horni-paseky", "Usnesení o nařízení dražebního jednání: podíl 1/2 na pozemcích v k. ú. Horní Paseky", -9, "wed+26", AUCTION, EX2, "992 EX 4410/23-71",
           text="Dražební jednání se koná {date:wed+26} ve 13.00.", docs=[("drazba-podil-horni-paseky.pdf", "Usnesení o nařízení dražebního jednání")]),
    notice("drazba-zahrada-tisova", "Dražební vyhláška o elektronické dražbě: zahrada p. č. 88/2, Tisová", -17, "thu+20", AUCTION, EX1, "991 EX 2034/24-41",
           text="Dražba se koná {date:thu+20} v 9.00 elektronicky.", docs=[("elektronicka-drazba-zahrada-tisova.pdf", "Dražební vyhláška")]),
    notice("odroceni-drazby-512", "Usnesení o odročení dražebního jednání: byt č. 512/1, Lipnice nad Rolavou", -6, 8, AUCTION, COURT, "17 E 208/25",
           docs=[("odroceni-drazby-byt-512.pdf", "Usnesení")]),
    notice("drazba-movitych-veci", "Dražba movitých věcí: areál bývalé sklárny, Tovární ulice", -11, "fri+13", AUCTION, EX1, "991 EX 870/24-55",
           text="Dražba se koná {date:fri+13} v 11.00.",
           docs=[("oznameni-drazba-movitych-veci.pdf", "Dražební vyhláška"), ("soupis-movitych-veci.pdf", "Soupis movitých věcí s fotografiemi")]),
    # Property.
    notice("zamer-pronajmu-1182-4", "Záměr pronájmu pozemku p. č. 1182/4 v k. ú. Lipnice nad Rolavou", -1, 15, LAND, MAJ, "MO/311",
           docs=[("zamer-pronajmu-1182-4.pdf", "Záměr pronájmu pozemku"), ("katastralni-mapa-1182-4.png", "Snímek katastrální mapy")]),
    notice("zamer-prodeje-455-1", "Záměr prodeje pozemku p. č. 455/1 v k. ú. Tisová", -7, 9, LAND, MAJ, "MO/298",
           docs=[("zamer-prodeje-455-1.pdf", "Záměr prodeje pozemku")]),
    notice("zamer-pachtu-horni-paseky", "Záměr propachtovat zemědělské pozemky v k. ú. Horní Paseky", -5, 12, LAND, MAJ, "MO/305",
           docs=[("zamer-pachtu-horni-paseky.pdf", "Záměr a seznam pozemků")]),
    notice("zamer-vypujcky-posta", "Záměr výpůjčky nebytových prostor v domě č. p. 12 (bývalá pošta)", -14, 2, LAND, MAJ, "MO/289",
           docs=[("zamer-vypujcky-byvala-posta.pdf", "Záměr výpůjčky")]),
    # Jobs.
    notice("vr-referent-su", "Výběrové řízení: referent stavebního úřadu", -9, 9, JOBS, KT, "KT/0455",
           docs=[("vyberove-rizeni-referent-su.pdf", "Veřejná výzva"), ("prihlaska-do-vyberoveho-rizeni.docx", "Přihláška (formulář)")]),
    notice("vr-straznik", "Výběrové řízení: strážník městské policie", -18, 12, JOBS, f"{MU}, městská policie", "MP/0102",
           docs=[("vyberove-rizeni-straznik.pdf", "Veřejná výzva")]),
    notice("konkurs-reditel-zs", "Konkurs na místo ředitele Základní školy Lipnice nad Rolavou", -12, 18, JOBS, OSK, "OŠK/0318",
           docs=[("konkurs-reditel-zs.pdf", "Vyhlášení konkursu")]),
    # The rest.
    notice("preruseni-elektriny-nadrazni", "Přerušení dodávky elektřiny: Nádražní, Tovární, U Pily", -5, 11, ENERGY, "Rolavská distribuce, a. s.", "RD-110-06-4471",
           text="Elektřina nepůjde {date:+11} od 8 do 14 hodin.", docs=[("preruseni-elektriny-nadrazni.pdf", "Oznámení o přerušení dodávky")]),
    notice("preruseni-vody-sidliste", "Přerušení dodávky pitné vody: Sídliště a Lesní ulice", -3, 6, ENERGY, "Vodovody a kanalizace Rolava, s. r. o.", "VaK/2207",
           text="Voda nepoteče {date:+6} od 7.30 do 15.00.", posted_time="13:45", until_time="15:00",
           docs=[("preruseni-vody-sidliste.pdf", "Oznámení")]),
    notice("pozvanka-21-zasedani", "Pozvánka na 21. zasedání zastupitelstva města", -5, "wed+4", COUNCIL, MAYOR, "KS/0921",
           text="Zasedání se koná {weekday:wed+4} {date:wed+4} v 17.00 v kulturním domě Rolava.", docs=[("pozvanka-21-zasedani.pdf", "Pozvánka a program")]),
    notice("podklady-21-zasedani", "Podklady pro 21. zasedání zastupitelstva města", -5, "wed+4", COUNCIL, KT, "KS/0922", posted_time="09:10",
           docs=[(paper_name(i), f"Bod {i}: {subject}") for i, (subject, _) in enumerate(AGENDA, 1)]),
    notice("navrh-rozpoctu", "Návrh rozpočtu města na rok {next_year} a střednědobý výhled", -8, 25, MONEY, FIN, "FO/0771",
           docs=[("navrh-rozpoctu-mesta.pdf", "Návrh rozpočtu a střednědobý výhled")]),
    notice("zaverecny-ucet", "Závěrečný účet města za rok {last_year}", -160, UNTIL_REPLACED, MONEY, FIN, "FO/0380",
           docs=[("zaverecny-ucet-mesta.pdf", "Závěrečný účet"), ("zaverecny-ucet-zprava-o-prezkoumani.pdf", "Zpráva o výsledku přezkoumání hospodaření")]),
    notice("rozpoctove-opatreni-9", "Rozpočtové opatření č. 9", -19, UNTIL_REPLACED, MONEY, FIN, "FO/0744",
           docs=[("rozpoctove-opatreni-c-9.pdf", "Rozpočtové opatření č. 9")]),
    notice("vyzva-spolkova-cinnost", "Výzva programu Podpora spolkové činnosti {next_year}", -11, 80, GRANTS, OSK, "OŠK/0402",
           text="Žádosti lze podávat od {date:+20} do {date:+55}.", docs=[("vyzva-spolkova-cinnost.pdf", "Výzva")]),
    notice("vps-hasici", "Veřejnoprávní smlouva o poskytnutí dotace: sbor dobrovolných hasičů", -60, 1035, GRANTS, KT, "VPS/044",
           docs=[("verejnopravni-smlouva-hasici.tif", "Veřejnoprávní smlouva")]),
    notice("ozv-odpady", "Oznámení o vyhlášení obecně závazné vyhlášky o místním poplatku za odpady", -14, 5, LAW, MAYOR, "OZV č. 2",
           docs=[("ozv-mistni-poplatek-odpady.pdf", "Oznámení o vyhlášení právního předpisu")]),
    notice("eia-areal-jeleni", "Informace o oznámení záměru (EIA): Rekreační areál Jelení", -4, 26, NATURE, "Krajský úřad Rolavského kraje", "KÚ/ŽP/3381/25", posted_time="10:30",
           docs=[("eia-rekreacni-areal-jeleni.pdf", "Informace o oznámení záměru")]),
    notice("kaceni-alej-hrbitov", "Oznámení o zahájení řízení o povolení kácení dřevin: alej u hřbitova", -2, 13, NATURE, OZP, "OŽP/1833",
           text="Místní šetření se koná {weekday:mon+6} {date:mon+6} ve 14.00.",
           docs=[("kaceni-drevin-alej-u-hrbitova.pdf", "Oznámení o zahájení řízení"), ("alej-u-hrbitova.jpg", "Snímek aleje")]),
    notice("nalez-jizdni-kolo", "Nález: jízdní kolo, Nádražní ulice", -20, 345, LOST, f"{MU}, městská policie", "MP/0118",
           text="U zastávky autobusu v Nádražní ulici bylo nalezeno dětské jízdní kolo zelené barvy. Vlastník se může přihlásit na služebně městské policie, Náměstí 1; "
                "vydá se po popisu výbavy kola."),
    notice("uzavirka-mostu-mlynska", "Uzavírka mostu přes Rolavu v Mlýnské ulici", -10, 38, ROADS, OD, "OD/4512",
           text="Most je uzavřen do {date:+38}. Chodci mohou použít lávku u sklárny.",
           docs=[("rozhodnuti-uzavirka-mostu.pdf", "Rozhodnutí o uzavírce"), ("objizdna-trasa.png", "Mapa objízdné trasy")]),
    notice("svazek-navrh-rozpoctu", "Návrh rozpočtu Svazku obcí Horní Rolava na rok {next_year}", -10, 20, UNION, "Svazek obcí Horní Rolava", "SOHR/31",
           docs=[("svazek-navrh-rozpoctu.pdf", "Návrh rozpočtu svazku obcí")]),
    # Not on the board today.
    notice("volby-okrsky", "Informace o počtu a sídle volebních okrsků", 1, 40, VOTE, MAYOR, "OVV/1301",
           docs=[("volby-pocet-a-sidla-okrsku.pdf", "Informace starosty")]),
    notice("pozvanka-20-zasedani", "Pozvánka na 20. zasedání zastupitelstva města", -47, -35, COUNCIL, MAYOR, "KS/0847",
           docs=[("pozvanka-20-zasedani.pdf", "Pozvánka a program")]),
]

TOWN = {
    "name": "Město Lipnice nad Rolavou",
    "board_name": "Úřední deska města Lipnice nad Rolavou",
    "ico": "00990025",
    "union": "Svazek obcí Horní Rolava",
    "board_address": "lipnice.example/deska",
    "place": "Náměstí 1, Lipnice nad Rolavou, vedle hlavního vchodu do městského úřadu",
    "iri": "https://lipnice.example/deska",
}
