"""Sale and lease of the town's property, and auctions by bailiffs."""

from .letter import Office, letter, town
from .registry import document

PROPERTY = town("majetkový odbor")
BAILIFF = Office("Exekutorský úřad Horní Rolava", "soudní exekutor", "Nádražní 3, Horní Rolava · www.exekutor-rolava.example",
                 "Sans", "EÚ", "#5b2b2b")
SECOND_BAILIFF = Office("Exekutorský úřad Rolavský kraj", "soudní exekutor", "Palackého 11, Rolavské Hory · podatelna@exekuce.example",
                        "Serif", "§", "#3d3d3d")
COURT = Office("Okresní soud v Rolavských Horách", "exekuční oddělení", "Soudní 2, Rolavské Hory · www.soud-rolava.example", "Serif",
               "OS", "#2b2b2b")


def intent(path, number, verb, parcel, blocks, size=11.5):
    letter(
        path, PROPERTY, number, f"ZÁMĚR {verb}",
        ["Město Lipnice nad Rolavou zveřejňuje podle § 39 odst. 1 zákona č. 128/2000 Sb., o obcích (obecní zřízení), ve znění pozdějších "
         "předpisů, svůj záměr:"] + blocks + [
            "K záměru se lze vyjádřit a předložit nabídku písemně na podatelně městského úřadu, Náměstí 1, nejpozději v poslední den vyvěšení, "
            "v zalepené obálce označené číslem jednacím tohoto záměru. Obálka musí obsahovat jméno nebo název zájemce, účel využití a nabízenou cenu.",
            "Město si vyhrazuje právo záměr zrušit, případně nevybrat žádnou z nabídek. Bližší údaje podá majetkový odbor, kancelář č. 206.",
        ],
        "vedoucí majetkového odboru", subtitle=parcel, size=size,
    )


@document("zamer-pronajmu-1182-4.pdf")
def lease(path):
    intent(path, "MO/311", "PRONÁJMU POZEMKU", "p. č. 1182/4 v k. ú. Lipnice nad Rolavou", [
        ("table", [
            ["Pozemek", "Druh pozemku", "Výměra", "Nejnižší nájemné"],
            ["p. č. 1182/4", "ostatní plocha, zeleň", "436 m²", "12 Kč/m² ročně"],
        ], [40, 54, 30, 42], {"numbers": (2, 3)}),
        "<b>Účel pronájmu:</b> zahrada bez možnosti trvalé stavby. <b>Doba pronájmu:</b> neurčitá, s tříměsíční výpovědní dobou.",
        "Na pozemku je uložen vodovodní řad DN 100; nájemce umožní správci vodovodu přístup a v pásmu 1,5 m na obě strany nebude vysazovat stromy. "
        "Pozemek je přístupný z ulice Lesní. Zákres je na přiloženém snímku katastrální mapy.",
    ])


@document("zamer-prodeje-455-1.pdf")
def sale(path):
    intent(path, "MO/298", "PRODEJE POZEMKU", "p. č. 455/1 v k. ú. Tisová", [
        ("table", [
            ["Pozemek", "Druh pozemku", "Výměra", "Nejnižší cena"],
            ["p. č. 455/1", "trvalý travní porost", "1 208 m²", "640 Kč/m²"],
            ["st. p. 97", "zastavěná plocha, zbořeniště", "84 m²", "640 Kč/m²"],
        ], [40, 58, 30, 38], {"numbers": (2, 3)}),
        "Prodej se uskuteční obálkovou metodou. Kupující uhradí náklady na znalecký posudek, geometrický plán a návrh na vklad. Pozemek leží podle "
        "územního plánu v zastavitelné ploše BV – bydlení venkovské.",
        "Prohlídku pozemku lze dohodnout s majetkovým odborem. Kupní cena bude uhrazena před podáním návrhu na vklad vlastnického práva do katastru "
        "nemovitostí; umožňuje se splácení nejvýše v šesti měsíčních splátkách.",
    ])


@document("zamer-pachtu-horni-paseky.pdf")
def tenancy(path):
    rows = [["Pořadí", "Katastrální území", "Parcelní číslo", "Druh pozemku", "Výměra (m²)", "Pachtovné (Kč/ha/rok)", "Poznámka"]]
    total = 0
    for i, (parcel, kind, area, note) in enumerate([
        ("212/1", "orná půda", 18420, "meliorace"), ("212/3", "orná půda", 9610, ""), ("214", "trvalý travní porost", 22144, "ochranné pásmo lesa"),
        ("220/2", "orná půda", 7035, ""), ("231/1", "trvalý travní porost", 30218, "podmáčeno"), ("231/4", "trvalý travní porost", 4120, ""),
        ("240", "orná půda", 15877, ""), ("248/6", "trvalý travní porost", 11902, "přístup přes p. č. 248/1"), ("255/2", "orná půda", 8861, ""),
        ("260", "ostatní plocha", 1330, "polní cesta"), ("261/1", "orná půda", 26004, ""), ("270/3", "trvalý travní porost", 5412, "nadzemní vedení 22 kV"),
    ], 1):
        total += area
        rows.append([i, "Horní Paseky", parcel, kind, f"{area:,}".replace(",", "\u00a0"), "3\u00a0200" if "orná" in kind else "1\u00a0900", note])
    rows.append(["", "Celkem", "", "", f"{total:,}".replace(",", "\u00a0"), "", ""])
    letter(
        path, PROPERTY, "MO/305", "ZÁMĚR PROPACHTOVAT ZEMĚDĚLSKÉ POZEMKY", [
            "Město Lipnice nad Rolavou zveřejňuje podle § 39 odst. 1 zákona č. 128/2000 Sb., o obcích, záměr propachtovat tyto pozemky na dobu pěti let:",
            ("table", rows, [16, 40, 32, 50, 30, 40, 45], {"numbers": (0, 4, 5), "bold_rows": (-1,)}),
            "Nabídky se podávají na celý soubor nebo na jednotlivé pozemky. Přednost má uchazeč hospodařící v ekologickém režimu.",
        ], "vedoucí majetkového odboru", subtitle="v katastrálním území Horní Paseky", wide=True, size=10.5,
    )


@document("zamer-vypujcky-byvala-posta.pdf")
def loan(path):
    intent(path, "MO/289", "VÝPŮJČKY NEBYTOVÝCH PROSTOR", "v domě č. p. 12 (bývalá pošta), Lipnice nad Rolavou", [
        "prostory v prvním nadzemním podlaží o výměře 68,4 m² (klubovna 42,0 m², sklad 18,2 m², sociální zařízení 8,2 m²) přenechat "
        "do bezplatného užívání spolku působícímu v oblasti práce s dětmi a mládeží nebo se seniory.",
        "<b>Doba výpůjčky:</b> tři roky. <b>Úhrada služeb:</b> vypůjčitel hradí zálohy na teplo, vodu a elektřinu podle skutečné spotřeby.",
        ("li", ["prostory jsou bezbariérově přístupné ze dvora,", "prohlídka je možná každou středu od 15.00 do 16.30,",
                "přenechání další osobě je vyloučeno."]),
    ])


@document("drazebni-vyhlaska-tisova-214.pdf")
def auction(path):
    letter(
        path, BAILIFF, "991 EX 1187/24-96", "USNESENÍ",
        [
            "Soudní exekutor pověřený vedením exekuce na základě pověření Okresního soudu v Rolavských Horách vydává podle § 336b zákona č. 99/1963 Sb., "
            "občanský soudní řád, a § 52 odst. 1 zákona č. 120/2001 Sb., exekuční řád, tuto <b>dražební vyhlášku o provedení elektronické dražby</b>:",
            ("h", "I. Konání dražby"),
            "Dražba se koná elektronicky na portálu drazby.exekutor-rolava.example. Den a hodina zahájení dražby jsou uvedeny v popisu oznámení na "
            "úřední desce; dražba začíná v 10.00 hodin a končí nejdříve v 11.00 hodin. Učiní-li dražitel podání v posledních pěti minutách, posouvá se "
            "konec o pět minut od posledního podání.",
            ("h", "II. Předmět dražby"),
            "Dražené nemovité věci se nacházejí v k. ú. Tisová, zapsané na listu vlastnictví č. 118:",
            ("table", [
                ["Označení", "Druh", "Výměra"],
                ["st. p. 203", "zastavěná plocha a nádvoří, součástí je stavba č. p. 214, rodinný dům", "312 m²"],
                ["p. č. 455/7", "zahrada", "846 m²"],
                ["p. č. 455/9", "ostatní plocha, manipulační plocha", "127 m²"],
            ], [30, 104, 32], {"numbers": (2,)}),
            "Příslušenství tvoří kolna, studna, oplocení a přípojky. Rodinný dům je podsklepený, má dvě nadzemní podlaží a obytné podkroví.",
            ("h", "III. Cena a podání"),
            ("table", [
                ["Výsledná cena předmětu dražby", "2 460 000 Kč"],
                ["Nejnižší podání (dvě třetiny výsledné ceny)", "1 640 000 Kč"],
                ["Dražební jistota", "160 000 Kč"],
                ["Minimální příhoz", "10 000 Kč"],
            ], [110, 56], {"head": False, "numbers": (1,)}),
            "Jistotu lze zaplatit převodem na účet sdělený exekutorem po registraci dražitele. K platbě se přihlédne, byla-li připsána nejpozději "
            "dva pracovní dny před zahájením dražby.",
            ("h", "IV. Práva a závady"),
            "Práva a závady spojené s nemovitostí, které v dražbě nezaniknou: věcné břemeno vedení přípojky elektřiny pro pozemek p. č. 455/8. "
            "Jiné závady nebyly zjištěny.",
            ("h", "V. Výzvy a upozornění"),
            ("ol", [
                "Vydražitel se může ujmout držby vydražených nemovitých věcí dnem následujícím po vydání usnesení o příklepu.",
                "Při rozvrhu podstaty mohou být uspokojeny jen pohledávky, které věřitelé přihlásí nejpozději do zahájení dražebního jednání; "
                "k přihláškám podaným později se nepřihlíží.",
                "Kdo má právo, které nepřipouští dražbu, nechť je uplatní u soudu a prokáže nejpozději před zahájením dražby.",
                "Osoby s předkupním právem je mohou uplatnit jen v dražbě jako dražitelé.",
                "Prohlídka nemovitých věcí se koná týden před dražbou ve 14.00 hodin, sraz před domem č. p. 214.",
            ]),
            ("h", "Poučení"),
            "Proti výrokům o ceně, nejnižším podání a závadách lze podat odvolání do 15 dnů ode dne doručení u podepsaného soudního exekutora. "
            "Proti ostatním výrokům není odvolání přípustné.",
        ],
        "soudní exekutor", subtitle="Dražební vyhláška – rodinný dům č. p. 214, Tisová", stamp="Exekutorský úřad Horní Rolava", stamp_mark="EÚ", size=10.5,
    )


@document("drazba-podil-horni-paseky.pdf")
def encrypted_auction(path):
    """Encrypted, with an empty user password: every reader opens it."""
    from reportlab.lib.pdfencrypt import StandardEncryption

    lock = StandardEncryption("", ownerPassword="rolava", canPrint=1, canModify=0, canCopy=1, canAnnotate=0, strength=128)
    letter(
        path, SECOND_BAILIFF, "992 EX 4410/23-71", "USNESENÍ",
        [
            "Soudní exekutor nařizuje dražební jednání spoluvlastnického podílu o velikosti id. 1/2 na pozemcích zapsaných na listu vlastnictví č. 77 "
            "v k. ú. Horní Paseky: p. č. 231/7 (trvalý travní porost, 5 112 m²) a p. č. 232 (lesní pozemek, 9 840 m²).",
            ("table", [["Výsledná cena podílu", "412 000 Kč"], ["Nejnižší podání", "274 667 Kč"], ["Jistota", "40 000 Kč"]],
             [110, 56], {"head": False, "numbers": (1,)}),
            "Dražební jednání se koná v sídle exekutorského úřadu, Palackého 11, Rolavské Hory, v jednací místnosti č. 2. Spoluvlastník má předkupní právo, "
            "které může uplatnit jen v dražbě jako dražitel.",
            "Zájemci o dražbu složí jistotu před zahájením jednání v hotovosti nebo na účet exekutora. Dražitel, který nebyl úspěšný, obdrží jistotu zpět "
            "bez zbytečného odkladu po skončení jednání.",
            "Vydražitel zaplatí nejvyšší podání do 30 dnů ode dne právní moci usnesení o příklepu.",
        ],
        "soudní exekutor", subtitle="o nařízení dražebního jednání", stamp="Exekutorský úřad Rolavský kraj", stamp_mark="§", encrypt=lock,
    )


@document("elektronicka-drazba-zahrada-tisova.pdf")
def garden_auction(path):
    letter(
        path, BAILIFF, "991 EX 2034/24-41", "DRAŽEBNÍ VYHLÁŠKA",
        [
            "Předmětem elektronické dražby je pozemek p. č. 88/2, zahrada o výměře 604 m², zapsaný na listu vlastnictví č. 203 pro k. ú. Tisová, včetně "
            "oplocení a ovocných porostů.",
            ("table", [["Výsledná cena", "318 000 Kč"], ["Nejnižší podání", "212 000 Kč"], ["Jistota", "30 000 Kč"], ["Minimální příhoz", "2 000 Kč"]],
             [110, 56], {"head": False, "numbers": (1,)}),
            "Registrace dražitelů probíhá na portálu drazby.exekutor-rolava.example. Prohlídka pozemku je možná po dohodě, klíče od brány jsou uloženy "
            "v kanceláři exekutora.",
            "Na pozemku vázne zástavní právo oprávněného, které zaniká dnem zaplacení nejvyššího podání. Nájemní právo k pozemku není exekutorovi známo.",
        ],
        "soudní exekutor", subtitle="Zahrada p. č. 88/2 v k. ú. Tisová", stamp="Exekutorský úřad Horní Rolava", stamp_mark="EÚ",
    )


@document("odroceni-drazby-byt-512.pdf")
def postponed(path):
    letter(
        path, COURT, "17 E 208/25", "USNESENÍ",
        [
            "Okresní soud v Rolavských Horách rozhodl v právní věci oprávněného Společenství vlastníků jednotek domu č. p. 512 v Lipnici nad Rolavou takto:",
            "Dražební jednání bytové jednotky č. 512/1 v budově č. p. 512, k. ú. Lipnice nad Rolavou, se <b>odročuje na neurčito</b>.",
            ("h", "Odůvodnění"),
            "Povinný podal odvolání proti usnesení o ceně; dražební jednání nelze provést před právní mocí tohoto usnesení. O novém termínu budou účastníci "
            "vyrozuměni a dražební vyhláška bude znovu vyvěšena.",
            ("h", "Poučení"),
            "Proti tomuto usnesení není odvolání přípustné.",
        ],
        "vyšší soudní úředník", subtitle="o odročení dražebního jednání", stamp="Okresní soud v Rolavských Horách", stamp_mark="OS",
    )


@document("oznameni-drazba-movitych-veci.pdf")
def chattels(path):
    letter(
        path, BAILIFF, "991 EX 870/24-55", "DRAŽEBNÍ VYHLÁŠKA",
        [
            "Soudní exekutor oznamuje konání dražby movitých věcí sepsaných v exekučním řízení. Dražba se koná v areálu bývalé sklárny, Tovární 21, "
            "Lipnice nad Rolavou, brána C.",
            ("table", [
                ["Pol.", "Věc", "Rozhodná cena", "Nejnižší podání"],
                ["1", "vysokozdvižný vozík, nosnost 1,6 t", "148 000 Kč", "49 334 Kč"],
                ["2", "pásová pila na dřevo", "62 000 Kč", "20 667 Kč"],
                ["3", "kompresor se vzdušníkem 270 l", "21 000 Kč", "7 000 Kč"],
                ["4", "regály kovové, 34 polí", "17 000 Kč", "5 667 Kč"],
                ["5", "osobní přívěs, celková hmotnost 750 kg", "9 500 Kč", "3 167 Kč"],
            ], [14, 80, 36, 36], {"numbers": (2, 3)}),
            "Úplný soupis s fotografiemi je v příloze. Dražitelé skládají jistotu 5 000 Kč v hotovosti na místě. Vydražitel zaplatí nejvyšší podání ihned.",
        ],
        "soudní exekutor", subtitle="Dražba movitých věcí – areál bývalé sklárny", stamp="Exekutorský úřad Horní Rolava", stamp_mark="EÚ",
    )
