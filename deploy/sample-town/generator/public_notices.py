"""Public notices of the town's offices: traffic, building, water, woods, delivery of documents."""

from .letter import Office, letter, town
from .registry import document

TRAFFIC = town("odbor dopravy")
BUILDING = town("odbor výstavby – stavební úřad")
PLANNING = town("odbor územního plánování")
ENVIRONMENT = town("odbor životního prostředí")
WATER = town("odbor životního prostředí – vodoprávní úřad")
REGISTRY = town("odbor vnitřních věcí – ohlašovna")
TAX = Office("Finanční úřad pro Rolavský kraj", "územní pracoviště v Lipnici nad Rolavou",
             "Tovární 7, Lipnice nad Rolavou · www.fu-rolava.example", "Sans", "FÚ", "#3a4a7a")

LESSON = "<b>Poučení</b>"


@document("opatreni-prechodna-uprava-karlovarska.pdf")
def temporary_traffic(path):
    letter(
        path, TRAFFIC, "OD/4821", "VEŘEJNÁ VYHLÁŠKA",
        [
            "Městský úřad Lipnice nad Rolavou, odbor dopravy, jako věcně a místně příslušný správní orgán podle § 77 odst. 1 písm. c) "
            "zákona č. 361/2000 Sb., o provozu na pozemních komunikacích a o změnách některých zákonů, ve znění pozdějších předpisů, "
            "na základě žádosti společnosti Rolavské silnice, s. r. o., a po projednání s příslušným orgánem policie",
            ("centre", "<b>stanoví přechodnou úpravu provozu</b>"),
            "na silnici II/218 v ulici Karlovarské v Lipnici nad Rolavou, v úseku od křižovatky s ulicí Nádražní po křižovatku "
            "s ulicí U Pily, v rozsahu podle přiložené situace dopravního značení, která je nedílnou součástí tohoto opatření.",
            ("h", "I. Důvod a doba trvání"),
            "Přechodná úprava provozu se stanoví z důvodu opravy vodovodního řadu a obnovy povrchu vozovky. Úprava platí po dobu provádění "
            "prací, nejdéle však šest týdnů ode dne nabytí účinnosti tohoto opatření. Práce budou rozděleny do tří na sebe navazujících etap:",
            ("table", [
                ["Etapa", "Úsek", "Omezení", "Délka"],
                ["1.", "Nádražní – Lesní", "zúžení na jeden jízdní pruh, řízení světelnými signály", "180 m"],
                ["2.", "Lesní – most přes Rolavu", "zúžení na jeden jízdní pruh, zákaz zastavení", "240 m"],
                ["3.", "most přes Rolavu – U Pily", "úplná uzavírka v nočních hodinách od 22.00 do 5.00", "150 m"],
            ], [16, 48, 78, 24], {"numbers": (3,)}),
            ("h", "II. Podmínky pro umístění dopravního značení"),
            ("ol", [
                "Dopravní značky a dopravní zařízení budou provedeny v základní velikosti, v reflexní úpravě a umístěny podle technických "
                "podmínek pro označování pracovních míst na pozemních komunikacích.",
                "Přenosné svislé značky budou umístěny tak, aby jejich spodní okraj byl nejméně 0,60 m nad úrovní vozovky; červenobílé "
                "sloupky nesmějí zasahovat do průchozího prostoru chodníku.",
                "Po celou dobu prací bude zachován bezpečný průchod pro chodce o šířce nejméně 1,50 m a přístup k přilehlým nemovitostem. "
                "Přechod pro chodce u základní školy bude po dobu první etapy nahrazen provizorním přechodem.",
                "Zastávka autobusu „Lipnice nad Rolavou, Karlovarská“ se po dobu druhé etapy přemisťuje o 120 m směrem k náměstí.",
                "Odpovědnost za správné provedení a udržování přechodného dopravního značení nese žadatel. Před zahájením prací oznámí "
                "správnímu orgánu telefonní spojení na pracovníka, který je dosažitelný nepřetržitě.",
                "Stávající dopravní značení, které je v rozporu s touto úpravou, bude po dobu jejího trvání zakryto nebo přeškrtnuto "
                "oranžovočernou páskou a po skončení prací uvedeno do původního stavu.",
                "Vozidla integrovaného záchranného systému a svozu odpadu musí mít průjezd zajištěn v každé etapě.",
            ]),
            ("h", "III. Odůvodnění"),
            "Odbor dopravy obdržel žádost o stanovení přechodné úpravy provozu spolu se situací dopravního značení a písemným vyjádřením "
            "policie. Správní orgán návrh přezkoumal a dospěl k závěru, že navržené značení zajistí bezpečnost a plynulost provozu po dobu "
            "prací a že omezení je přiměřené jejich rozsahu. Objízdná trasa pro vozidla nad 3,5 t je vedena ulicemi Nádražní, Tovární "
            "a Mlýnská; autobusové linky mají po celou dobu zachován obousměrný průjezd.",
            "Při rozhodování vzal správní orgán v úvahu, že souběžná uzavírka jiné komunikace na území města není povolena, a že zvolené "
            "členění do etap zkracuje dobu, po kterou je omezen přístup k provozovnám v dolní části ulice.",
            "Jde-li o stanovení přechodné úpravy provozu na pozemních komunikacích, správní orgán nedoručuje návrh opatření obecné povahy "
            "a nevyzývá dotčené osoby k podávání připomínek nebo námitek. Opatření obecné povahy nabývá účinnosti pátým dnem po vyvěšení "
            "(§ 77 odst. 5 zákona o silničním provozu).",
            ("h", "IV. Poučení"),
            "Proti opatření obecné povahy nelze podle § 173 odst. 2 zákona č. 500/2004 Sb., správní řád, podat opravný prostředek. "
            "Do opatření a jeho odůvodnění může každý nahlédnout u správního orgánu, který je vydal, v úředních hodinách pondělí a středa "
            "8.00–17.00.",
        ],
        "vedoucí odboru dopravy", subtitle="Opatření obecné povahy – stanovení přechodné úpravy provozu na silnici II/218, ul. Karlovarská",
        file_mark="SZ OD/1907", clerk="referent silničního hospodářství",
        attachments=["Situace dopravního značení (1 list, formát A3)"],
    )


@document("mistni-uprava-zona-30.pdf")
def zone_30(path):
    letter(
        path, TRAFFIC, "OD/4377", "VEŘEJNÁ VYHLÁŠKA",
        [
            "Městský úřad Lipnice nad Rolavou, odbor dopravy, jako příslušný správní orgán podle § 77 odst. 1 písm. c) zákona č. 361/2000 Sb., "
            "o provozu na pozemních komunikacích, po projednání s policií <b>stanoví místní úpravu provozu</b> na místních komunikacích "
            "v lokalitě Sídliště v Lipnici nad Rolavou:",
            ("li", [
                "na vjezdech do oblasti z ulic Lesní, Školní a Na Stráni se osazují dopravní značky č. IZ 8a „Zóna s dopravním omezením“ "
                "s vyobrazením nejvyšší dovolené rychlosti 30 km/h;",
                "na výjezdech se osazují značky č. IZ 8b „Konec zóny s dopravním omezením“;",
                "ve všech křižovatkách uvnitř zóny se ruší značky upravující přednost, platí přednost zprava;",
                "před budovou mateřské školy se zřizuje zvýšená plocha přechodu pro chodce.",
            ]),
            ("h", "Odůvodnění"),
            "Návrh vychází z koncepce zklidňování dopravy, kterou projednala rada města. K návrhu opatření byly v zákonné lhůtě podány dvě "
            "připomínky. Připomínce požadující zachování přednosti v ulici Školní správní orgán nevyhověl, protože by byla v rozporu "
            "s účelem zóny. Připomínce k umístění značky u domu č. p. 318 bylo vyhověno, značka byla posunuta o 4 m.",
            ("h", "Poučení"),
            "Proti opatření obecné povahy nelze podat opravný prostředek (§ 173 odst. 2 správního řádu).",
        ],
        "vedoucí odboru dopravy", subtitle="Opatření obecné povahy – místní úprava provozu, zóna 30 Sídliště", file_mark="SZ OD/1655",
    )


def hearing(path):
    """Source of a scan."""
    letter(
        path, BUILDING, "SÚ/2264", "OZNÁMENÍ",
        [
            "Stavebník, město Lipnice nad Rolavou, podal žádost o povolení záměru „Vodovod Tisová – prodloužení řadu D a přípojky“. "
            "Dnem podání žádosti bylo zahájeno řízení o povolení záměru.",
            "Záměr bude umístěn na pozemcích p. č. 88/2, 91/1, 91/4, 102/1 a 640/3 v katastrálním území Tisová a obsahuje:",
            ("li", [
                "vodovodní řad D z trub PE 100 RC DN 80 v délce 412 m,",
                "čtrnáct vodovodních přípojek DN 32 ukončených vodoměrnými šachtami,",
                "dva podzemní hydranty a odkalení v nejnižším místě řadu,",
                "obnovu povrchu místní komunikace v šířce rýhy s přesahem 0,25 m na obě strany.",
            ]),
            "Stavební úřad oznamuje zahájení řízení známým účastníkům a dotčeným orgánům. Protože jsou mu dobře známy poměry v území "
            "a žádost poskytuje dostatečný podklad, upouští od ústního jednání. Účastníci mohou své námitky uplatnit do 15 dnů od doručení "
            "tohoto oznámení; k později uplatněným námitkám se nepřihlíží.",
            "Napojení bude provedeno na stávající řad C v ulici U Pily. Výkopy budou v zastavěném území prováděny po úsecích nejvýše 50 m; přístup "
            "k nemovitostem zůstane zachován, o přerušení dodávky vody budou odběratelé informováni nejméně patnáct dnů předem. Po dobu stavby bude "
            "v místní komunikaci veden jednosměrný provoz podle samostatného stanovení odboru dopravy.",
            ("table", [
                ["Úsek", "Délka", "Povrch"], ["D1 – od šachty Š4 po č. p. 61", "164 m", "asfalt"], ["D2 – po č. p. 118", "139 m", "asfalt, chodník"],
                ["D3 – po č. p. 214", "109 m", "štěrk, zeleň"],
            ], [86, 30, 50], {"numbers": (1,)}),
            "Účastníci se mohou seznámit s podklady rozhodnutí u stavebního úřadu, Náměstí 1, druhé patro, v úředních dnech pondělí a středa "
            "8.00–17.00, v ostatních dnech po předchozí dohodě.",
            ("h", "Okruh účastníků"),
            "Účastníky řízení jsou stavebník, vlastníci pozemků a staveb, na kterých má být záměr uskutečněn, a osoby, jejichž vlastnické "
            "nebo jiné věcné právo k sousedním stavbám nebo pozemkům může být povolením záměru přímo dotčeno. Vlastníci sousedních "
            "pozemků jsou vymezeni parcelními čísly: 86, 87, 89/1, 89/3, 90, 92/2, 101, 103/5, 639 a 641, vše v k. ú. Tisová.",
            ("h", "Poučení"),
            "Nechá-li se účastník zastupovat, předloží jeho zástupce písemnou plnou moc. Účastník je povinen předložit na výzvu oprávněné "
            "úřední osoby průkaz totožnosti. Písemnost se doručuje veřejnou vyhláškou; patnáctým dnem po vyvěšení se považuje za doručenou "
            "(§ 25 odst. 2 správního řádu).",
        ],
        "vedoucí odboru výstavby", subtitle="o zahájení řízení o povolení záměru – veřejná vyhláška", file_mark="SZ SÚ/1180",
        clerk="referent stavebního úřadu",
    )


def gym_permit(path):
    """Source of a scan."""
    conditions = [
        "Stavba bude provedena podle projektové dokumentace ověřené ve společném řízení; případné změny nesmí být provedeny bez předchozího "
        "povolení stavebního úřadu.",
        "Stavebník oznámí stavebnímu úřadu termín zahájení stavby a název stavebního podnikatele, který ji bude provádět.",
        "Před zahájením zemních prací zajistí stavebník vytyčení podzemních vedení technické infrastruktury jejich vlastníky.",
        "Při stavbě budou dodržena ustanovení o bezpečnosti práce a technických zařízení a zajištěna ochrana zdraví osob na staveništi.",
        "Hlučné práce lze provádět jen v pracovních dnech od 7.00 do 18.00; v době vyučování po dohodě s ředitelstvím školy.",
        "Odpady vzniklé při stavbě budou tříděny a předány oprávněné osobě; doklady budou předloženy při kontrolní prohlídce.",
        "Staveništní doprava bude vedena výhradně z ulice Lesní; vjezd ze Školní ulice se nepovoluje.",
        "Vzrostlá lípa na severní hranici pozemku bude po dobu stavby chráněna bedněním do výše 2 m.",
        "Stavba bude dokončena do 24 měsíců ode dne zahájení.",
        "Stavebník oznámí tyto fáze výstavby pro kontrolní prohlídky: základová spára, hrubá stavba, dokončení stavby.",
    ]
    letter(
        path, BUILDING, "SÚ/2198", "ROZHODNUTÍ",
        [
            "Stavební úřad Městského úřadu Lipnice nad Rolavou přezkoumal žádost o povolení záměru, kterou podalo město Lipnice nad Rolavou, "
            "a na základě tohoto přezkoumání",
            ("centre", "<b>p\u00a0o\u00a0v\u00a0o\u00a0l\u00a0u\u00a0j\u00a0e \u00a0 z\u00a0á\u00a0m\u00a0ě\u00a0r</b>"),
            "„Přístavba tělocvičny Základní školy Lipnice nad Rolavou“ na pozemcích st. p. 301/1 a p. č. 612/4, 612/9 v katastrálním území "
            "Lipnice nad Rolavou.",
            ("h", "Popis záměru"),
            "Jednopodlažní přístavba o půdorysných rozměrech 34,20 × 19,80 m a výšce hřebene 9,10 m obsahuje hrací plochu 30 × 16 m, "
            "nářaďovnu, šatny žáků, umývárny a kabinet. Přístavba je se stávající budovou propojena krčkem v úrovni prvního nadzemního podlaží. "
            "Nosná konstrukce je z lepených dřevěných vazníků, střecha sedlová se sklonem 12° s vegetační vrstvou na krčku.",
            ("table", [
                ["Ukazatel", "Hodnota"],
                ["Zastavěná plocha přístavby", "742 m²"],
                ["Obestavěný prostor", "5 610 m³"],
                ["Kapacita", "60 cvičících"],
                ["Počet nových parkovacích stání", "12, z toho 2 vyhrazená"],
                ["Zdroj vytápění", "tepelné čerpadlo vzduch–voda 2 × 28 kW"],
            ], [90, 76], {"numbers": (1,)}),
            ("h", "Podmínky pro umístění a provedení záměru"),
            ("ol", conditions),
            ("h", "Odůvodnění"),
            "Žádost byla podána s předepsanými podklady. Stavební úřad opatřením oznámil zahájení řízení a vyzval účastníky k uplatnění námitek. "
            "Záměr je v souladu s územním plánem, který pozemky zařazuje do plochy občanského vybavení OV. Umístění vyhovuje požadavkům na "
            "odstupy: od hranice s pozemkem p. č. 613 je stěna přístavby vzdálena 6,40 m.",
            "Vlastník pozemku p. č. 613 uplatnil námitku zastínění obytných místností. Stavební úřad si vyžádal posouzení denního osvětlení, "
            "z něhož vyplývá, že doba proslunění sousedního domu zůstává zachována. Námitce proto nevyhověl.",
            "Vypořádání vyjádření účastníků k podkladům: účastníci se k podkladům před vydáním rozhodnutí nevyjádřili. Souhlasná závazná "
            "stanoviska vydaly orgán ochrany veřejného zdraví, orgán požární ochrany a orgán ochrany přírody; jejich podmínky jsou převzaty "
            "do výroku.",
            ("h", "Poučení účastníků"),
            "Proti tomuto rozhodnutí se lze odvolat do 15 dnů ode dne jeho oznámení ke krajskému úřadu podáním u zdejšího stavebního úřadu. "
            "Odvolání se podává s potřebným počtem stejnopisů tak, aby jeden zůstal správnímu orgánu a každý účastník dostal jeden. "
            "Odvolání jen proti odůvodnění rozhodnutí je nepřípustné.",
            "Po dni nabytí právní moci obdrží stavebník ověřenou dokumentaci a štítek „Stavba povolena“, který umístí na viditelném místě "
            "u vstupu na staveniště a ponechá jej tam do dokončení stavby.",
        ],
        "vedoucí odboru výstavby", subtitle="Povolení záměru „Přístavba tělocvičny základní školy“", file_mark="SZ SÚ/0911",
        clerk="referent stavebního úřadu",
    )


@document("navrh-oop-zmena-uzemniho-planu.pdf")
def plan_change(path):
    letter(
        path, PLANNING, "ÚP/0612", "VEŘEJNÁ VYHLÁŠKA",
        [
            "Městský úřad Lipnice nad Rolavou, odbor územního plánování, jako pořizovatel oznamuje podle § 172 zákona č. 500/2004 Sb., "
            "správní řád, a podle zákona č. 283/2021 Sb., stavební zákon, vystavení návrhu opatření obecné povahy",
            ("centre", "<b>Změna č. 3 Územního plánu Lipnice nad Rolavou.</b>"),
            "Předmětem změny je zejména:",
            ("li", [
                "vymezení zastavitelné plochy Z31 „Nad Pilou“ pro bydlení v rodinných domech (2,84 ha, nejvýše 26 domů, podmínka územní studie);",
                "vymezení plochy přestavby P07 „Bývalá sklárna“ pro smíšené využití městské (1,92 ha);",
                "koridor dopravní infrastruktury KD2 pro přeložku silnice II/218 v šířce 60 m;",
                "plocha K05 pro lokální biokoridor podél Jeleního potoka (3,10 ha);",
                "zrušení zastavitelné plochy Z12 „Na Výsluní“ a její navrácení do zemědělského půdního fondu (4,05 ha).",
            ]),
            ("table", [
                ["Označení", "Způsob využití", "Katastrální území", "Výměra (ha)"],
                ["Z31", "BI – bydlení individuální", "Lipnice nad Rolavou", "2,84"],
                ["P07", "SM – smíšené obytné městské", "Lipnice nad Rolavou", "1,92"],
                ["KD2", "DS – doprava silniční", "Lipnice nad Rolavou, Tisová", "7,46"],
                ["K05", "ZP – zeleň přírodního charakteru", "Horní Paseky", "3,10"],
                ["Z12 (zrušení)", "AZ – zemědělské všeobecné", "Horní Paseky", "4,05"],
            ], [30, 66, 46, 24], {"numbers": (3,)}),
            "Veřejné projednání návrhu se koná ve velké zasedací síni městského úřadu, Náměstí 1, v den a hodinu uvedené v popisu oznámení na "
            "úřední desce. Výklad podá pořizovatel ve spolupráci s projektantem.",
            "Každý může uplatnit připomínky nejpozději v den veřejného projednání. Dotčení vlastníci pozemků a staveb mohou v téže lhůtě "
            "uplatnit námitky, ve kterých musí uvést odůvodnění, údaje podle katastru nemovitostí dokladující dotčená práva a vymezit území "
            "dotčené námitkou. K později uplatněným stanoviskům, připomínkám a námitkám se nepřihlíží.",
            "Úplné znění návrhu včetně grafické části (hlavní výkres v měřítku 1 : 5 000, formát A0) je přílohou tohoto oznámení a je též "
            "vystaveno k nahlédnutí na odboru územního plánování, kancelář č. 214.",
        ],
        "vedoucí odboru územního plánování", subtitle="Návrh opatření obecné povahy – změna č. 3 územního plánu", file_mark="SZ ÚP/0077",
        attachments=["Hlavní výkres, 1 : 5 000 (A0)", "Textová část odůvodnění"],
    )


@document("oduvodneni-zmeny-c-3.pdf")
def plan_reasons(path):
    blocks = [
        "Zpracovatel: Ateliér Rolava, s. r. o. Pořizovatel: Městský úřad Lipnice nad Rolavou, odbor územního plánování. Tento výňatek obsahuje "
        "kapitoly, které se vztahují k plochám Z31, P07, KD2 a K05.",
    ]
    topics = [
        ("a) Postup při pořízení změny", "O pořízení změny rozhodlo zastupitelstvo města z vlastního podnětu. Zpráva o uplatňování územního plánu "
         "obsahující pokyny pro zpracování návrhu byla projednána s dotčenými orgány, sousedními obcemi a krajským úřadem. Ke zprávě uplatnilo "
         "připomínky sedm osob; jejich vyhodnocení je v kapitole m)."),
        ("b) Soulad s nadřazenou dokumentací", "Návrh respektuje priority politiky územního rozvoje a zpřesňuje koridor přeložky silnice II/218 "
         "vymezený v zásadách územního rozvoje Rolavského kraje. Šířka koridoru je upravena na 60 m, v průchodu zastavěným územím na 24 m."),
        ("c) Soulad s cíli a úkoly územního plánování", "Změna vytváří předpoklady pro přiměřený rozvoj bydlení v návaznosti na stávající "
         "infrastrukturu, chrání krajinu podél Jeleního potoka a přednostně využívá opuštěný areál sklárny v zastavěném území."),
        ("d) Komplexní zdůvodnění přijatého řešení", "Plocha Z31 navazuje na zastavěné území, je dopravně obsloužena z ulice U Pily a lze ji napojit "
         "na vodovod i kanalizaci bez posílení čerpací stanice. Varianta na jižním svahu byla opuštěna pro zásah do krajinného rázu a pro "
         "zábor půdy druhé třídy ochrany."),
        ("e) Vyhodnocení účelného využití zastavěného území", "V zastavěném území je evidováno 41 proluk, z toho 17 je vhodných k zástavbě. "
         "Při průměrném tempu výstavby devíti bytů ročně vyčerpají stávající plochy potřebu města přibližně za tři roky."),
        ("f) Předpokládané důsledky na zemědělský půdní fond", "Celkový zábor činí 3,62 ha, zrušením plochy Z12 se do zemědělského půdního fondu "
         "vrací 4,05 ha. Půdy I. a II. třídy ochrany jsou dotčeny pouze koridorem KD2 v nezbytném rozsahu 0,38 ha."),
        ("g) Vliv na pozemky určené k plnění funkcí lesa", "Změna nevymezuje plochy na lesních pozemcích. Koridor KD2 se v délce 80 m dotýká "
         "vzdálenosti 30 m od okraje lesa, podmínky stanoví orgán státní správy lesů v navazujícím řízení."),
    ]
    for head, text in topics:
        blocks += [("h", head), text,
                   "Dotčené orgány uplatnily ke kapitole souhlasná stanoviska. Jejich podmínky jsou zapracovány do podmínek využití jednotlivých ploch "
                   "a do výkresu základního členění území. Vlastníci technické infrastruktury nepožadují úpravu vymezených koridorů; při zpracování "
                   "územní studie budou přizváni k projednání tras přípojek a přeložek."]
    letter(path, PLANNING, "ÚP/0612-2", "ODŮVODNĚNÍ ZMĚNY Č. 3", blocks, None, subtitle="textová část – výňatek", box=False)


def tax_list(path):
    """Source of a scan."""
    letter(
        path, TAX, "FÚ/88120", "VEŘEJNÁ VYHLÁŠKA",
        [
            "Správce daně podle § 50 odst. 1 zákona č. 280/2009 Sb., daňový řád, stanoví daň z nemovitých věcí hromadným předpisným seznamem "
            "a oznamuje, že <b>hromadný předpisný seznam</b> byl vydán a je zpřístupněn k nahlédnutí.",
            "Seznam se týká poplatníků, kteří mají ve správním obvodu územního pracoviště v Lipnici nad Rolavou nemovité věci a jimž se daň "
            "nevyměřuje platebním výměrem. Zahrnuje katastrální území Lipnice nad Rolavou, Tisová, Horní Paseky a Jelení.",
            ("table", [
                ["Místo nahlédnutí", "Kancelář", "Úřední hodiny"],
                ["Tovární 7, Lipnice nad Rolavou", "č. 12, přízemí", "pondělí a středa 8.00–17.00"],
                ["Náměstí 1 (detašované pracoviště)", "č. 104, první patro", "první úterý v měsíci 9.00–12.00"],
            ], [66, 46, 54]),
            "Každý poplatník je oprávněn nahlédnout pouze do té části seznamu, která se týká jeho daňové povinnosti. K nahlédnutí je třeba "
            "předložit průkaz totožnosti; zástupce předloží plnou moc.",
            "Hromadný předpisný seznam je zpřístupněn nejméně po dobu 30 dnů. Za den doručení hromadného předpisného seznamu se považuje "
            "třicátý den po jeho zpřístupnění.",
            ("h", "Poučení"),
            "Proti stanovení daně se lze odvolat ve lhůtě 30 dnů ode dne doručení u správce daně, který seznam vydal. Odvolání nemá odkladný "
            "účinek.",
        ],
        "ředitel územního pracoviště", subtitle="oznámení o vydání hromadného předpisného seznamu – daň z nemovitých věcí",
        stamp="Finanční úřad pro Rolavský kraj", stamp_mark="FÚ",
    )


@document("oznameni-o-ulozeni-pisemnosti.pdf")
def stored_document(path):
    letter(
        path, REGISTRY, "OVV/1290", "OZNÁMENÍ",
        [
            "Ohlašovna Městského úřadu Lipnice nad Rolavou oznamuje, že je zde uložena písemnost pro adresáta, jehož trvalý pobyt je úředně "
            "evidován na adrese sídla ohlašovny:",
            ("table", [
                ["Adresát", "Odesílatel", "Značka písemnosti", "Uloženo"],
                ["P. K., ročník uveden u ohlašovny", "krajský úřad, odbor dopravy", "KÚ/77120", "kancelář č. 5"],
            ], [52, 50, 36, 28]),
            "Písemnost lze převzít po předložení průkazu totožnosti v úředních hodinách: pondělí a středa 8.00–11.30 a 12.30–17.00, "
            "úterý a čtvrtek 8.00–11.30, přízemí, kancelář č. 5 (vchod ze dvora, bezbariérový).",
            "Nebude-li písemnost ve stanovené lhůtě vyzvednuta, bude vrácena odesílateli. Z důvodu ochrany osobních údajů obsahuje toto "
            "oznámení pouze údaje nezbytné k určení adresáta.",
        ],
        "referent ohlašovny", subtitle="o uložení písemnosti a možnosti jejího převzetí", size=11.5,
    )


def protection_zone(path):
    """Source of a scan."""
    letter(
        path, WATER, "OŽP/1714", "OPATŘENÍ OBECNÉ POVAHY",
        [
            "Městský úřad Lipnice nad Rolavou, odbor životního prostředí, jako příslušný vodoprávní úřad podle § 30 zákona č. 254/2001 Sb., "
            "o vodách, <b>stanoví ochranné pásmo vodního zdroje Jelení potok</b> – zářezy JP 1 až JP 4 v k. ú. Jelení.",
            ("h", "I. Ochranné pásmo prvního stupně"),
            "Zahrnuje bezprostřední okolí jímacích zářezů na pozemcích p. č. 1401/2, 1401/3 a 1402 v celkové výměře 1,26 ha. Pásmo se oplotí "
            "do výše 1,8 m a označí tabulemi „Ochranné pásmo vodního zdroje I. stupně – vstup zakázán“. V pásmu je zakázána jakákoli "
            "činnost s výjimkou údržby jímacího zařízení a sečení bez použití hnojiv.",
            ("h", "II. Ochranné pásmo druhého stupně"),
            "Zahrnuje část povodí nad zářezy o výměře 38,4 ha podle přiložené mapy. V pásmu se zakazuje:",
            ("li", [
                "používání přípravků na ochranu rostlin škodlivých vodám a hnojení tekutými statkovými hnojivy,",
                "skladování pohonných hmot a plnění nádrží mechanismů mimo zpevněné plochy,",
                "provádění vrtů, zemních prací hlubších než 1 m a změna odtokových poměrů bez vyjádření vlastníka vodovodu,",
                "holosečné kácení na ploše větší než 0,5 ha.",
            ]),
            ("h", "III. Odůvodnění"),
            "Zdroj zásobuje 1 240 obyvatel místních částí Jelení a Horní Paseky. Návrh ochranného pásma vychází z hydrogeologického posudku, "
            "podle kterého je doba zdržení podzemní vody v pásmu delší než 50 dnů. Návrh byl projednán s dotčenými orgány a vlastníky "
            "pozemků; námitky podány nebyly.",
            ("h", "Poučení"),
            "Opatření obecné povahy nabývá účinnosti patnáctým dnem po dni vyvěšení veřejné vyhlášky (§ 173 odst. 1 správního řádu). "
            "Nelze proti němu podat opravný prostředek.",
        ],
        "vedoucí odboru životního prostředí", subtitle="stanovení ochranného pásma vodního zdroje Jelení potok", file_mark="SZ OŽP/0466",
        size=10.3,
    )


@document("vodopravni-rizeni-odkanalizovani.pdf")
def sewerage(path):
    letter(
        path, WATER, "OŽP/1802", "VEŘEJNÁ VYHLÁŠKA",
        [
            "Svazek obcí Horní Rolava podal žádost o povolení k nakládání s vodami podle § 8 odst. 1 zákona č. 254/2001 Sb., o vodách, a o povolení "
            "vodního díla „Lipnice nad Rolavou – odkanalizování místních částí Tisová, Horní Paseky a Jelení, II. etapa“. Dnem podání žádosti bylo "
            "zahájeno vodoprávní řízení s velkým počtem účastníků (§ 144 správního řádu).",
            ("table", [
                ["Stavební objekt", "Popis", "Rozsah"],
                ["SO 01", "gravitační kanalizace – Tisová", "2 846 m"],
                ["SO 02", "gravitační kanalizace – Horní Paseky", "1 912 m"],
                ["SO 03", "výtlak Jelení – Tisová", "1 340 m"],
                ["SO 04", "čerpací stanice ČS 1 až ČS 3", "3 ks"],
                ["SO 05", "úpravy čistírny odpadních vod", "1 650 EO"],
                ["SO 06", "přeložky sdělovacího a silového vedení", "418 m"],
            ], [32, 100, 34], {"numbers": (2,)}),
            "Vodoprávní úřad nařizuje k projednání žádosti ústní jednání spojené s místním šetřením. Sraz účastníků je v budově obecního domu "
            "v Tisové v den uvedený v popisu oznámení na úřední desce, v 9.00 hodin.",
            "Závazná stanoviska dotčených orgánů, námitky účastníků a připomínky veřejnosti mohou být uplatněny nejpozději při ústním jednání, "
            "jinak se k nim nepřihlíží. Do podkladů lze nahlédnout u odboru životního prostředí, Náměstí 1, kancelář č. 118.",
            "Vypouštění předčištěných odpadních vod: průměrně 2,9 l/s, nejvýše 6,5 l/s, 92 tis. m³ za rok, do toku Rolava v říčním kilometru "
            "14,2. Ukazatele znečištění jsou uvedeny v projektové dokumentaci.",
            ("h", "Poučení"),
            "Účastníkům řízení se doručuje veřejnou vyhláškou. Písemnost se považuje za doručenou patnáctým dnem po vyvěšení.",
        ],
        "vedoucí odboru životního prostředí", subtitle="oznámení zahájení vodoprávního řízení a pozvání k ústnímu jednání",
        file_mark="SZ OŽP/0502", clerk="referent vodoprávního úřadu",
    )


@document("lesni-hospodarske-osnovy.pdf")
def forest(path):
    letter(
        path, town("odbor životního prostředí – státní správa lesů", "Sans"), "OŽP/1688", "OZNÁMENÍ",
        [
            "Městský úřad Lipnice nad Rolavou jako příslušný orgán státní správy lesů oznamuje podle § 25 zákona č. 289/1995 Sb., o lesích, "
            "vlastníkům lesů o výměře do 50 ha záměr <b>zadat zpracování lesních hospodářských osnov</b> pro zařizovací obvod Lipnice nad Rolavou.",
            "Osnovy slouží ke zjištění stavu lesa a k výkonu státní správy lesů. Zpracovávají se na dobu deseti let na náklady státu. Dotčena jsou "
            "katastrální území Lipnice nad Rolavou, Tisová, Horní Paseky, Jelení a Výsluní.",
            "Vlastníci lesů mohou uplatnit své hospodářské záměry, upozornit na odlišnosti v evidenci pozemků nebo předat starší osnovy, a to písemně "
            "nebo osobně v kanceláři č. 120 do 60 dnů od vyvěšení tohoto oznámení.",
            ("table", [
                ["Katastrální území", "Počet vlastníků", "Výměra lesa (ha)"],
                ["Lipnice nad Rolavou", "64", "118,42"], ["Tisová", "41", "96,07"], ["Horní Paseky", "77", "203,90"],
                ["Jelení", "29", "151,33"], ["Výsluní", "12", "18,64"], ["Celkem", "223", "588,36"],
            ], [66, 50, 50], {"numbers": (1, 2), "bold_rows": (-1,)}),
        ],
        "vedoucí odboru životního prostředí", subtitle="o zadání zpracování lesních hospodářských osnov",
    )
