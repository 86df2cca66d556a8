"""The usual headings of columns, by language, and other words of import files: data only.

Case, spaces, punctuation and accents of headings are ignored; `ä` may be written `ae`. Headings of a field stand in
groups: the first group names it best. English also has the names that common systems give to their columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "serial_number": (
        # The serial number of the unit.
        """
        serial number; serial numbers; serial; serials; serial no; serial nr; serial num; serial code; serial id;
        serial #; s/n; sn; s no; ser no; ser nr; ser num; serialnum; serno; item serial; item serials;
        scanned serial number; scanned serial numbers; lot/serial number; lot serial number; serial lot number;
        serial/lot number; serial number (s/n); lot/serial; serialized unit; serial tag; nsn serial; seriennummer;
        seriennr; serien nr; serien nummer; seriennummern; serialnummer; serialnr; serial nummer; gerätenummer;
        gerätenr; fabriknummer; fabriknr; fabrik nr; fabrikationsnummer; herstellnummer; herstellernummer;
        werknummer; werksnummer; snr; ser nummer; serie nr; serienkennung; numéro de série; numéros de série;
        n° de série; n° série; no de série; no série; num de série; num série; nb de série; n de série;
        numéro série; série; n° serie; num serie; número de serie; números de serie; nº de serie; nº serie;
        no de serie; núm de serie; núm serie; número serie; serie; serial del equipo; nro de serie; nro serie;
        número de série; números de série; nº de série; nº série; nro de série; número serial; número série;
        numero di serie; numeri di serie; n. di serie; n. serie; nr di serie; nr serie; matricola; numero matricola;
        n. matricola; numero di matricola; seriale; numero seriale; codice seriale; serienummer; serienummers;
        serienr; serie nummer; serieel nummer; serialenummer; numer seryjny; numery seryjne; nr seryjny;
        nr fabryczny; numer fabryczny; seryjny; nr ser; numer serii; 序列号; 序列號; 序号; 出厂编号; 机身号; 机号;
        产品序列号; 設備序號; 序號; 串号; 设备序列号; 产品序号; シリアル番号; シリアル; シリアルナンバー;
        シリアルno; 製造番号; 製番; 機番; 製造no; 機器番号; 일련번호; 시리얼번호; 시리얼; 시리얼 넘버; 제조번호;
        기기번호; 제품번호 일련; s/n 번호
        """,
        # Numbers that only units of a kind have.
        """
        imei; imei 1; imei1; imei number; imei no; imei/meid; imei 2; meid; esn; imei-nummer; imei nr; numéro imei;
        número imei; numero imei; numer imei; imei号; imei番号; imei 번호; vin; vin number; vin no;
        vehicle identification number; chassis; chassis number; chassis no; frame number; frame no; engine number;
        engine serial; fahrgestellnummer; fahrgestellnr; fin; fahrzeug-ident-nr; fahrzeugidentifizierungsnummer;
        rahmennummer; numéro de châssis; n° de châssis; número de chasis; número de bastidor; bastidor;
        número do chassi; chassi; numero di telaio; telaio; chassisnummer; framenummer; numer vin; numer ramy;
        车架号; 车辆识别代号; 車台番号; 차대번호; service tag; service tag number; servicetag; service code;
        dell service tag; express service code; iccid
        """,
        # Numbers that the owner gives.
        """
        asset tag; asset tags; asset tag number; asset number; asset no; asset id; tag number; tag no; asset code;
        inventory number; inventory no; inventory tag; barcode id; equipment number; equipment no; equipment id;
        device id; unit id; inventarnummer; inventarnr; inv nr; anlagennummer; equipmentnummer; numéro d'inventaire;
        n° d'inventaire; número de inventario; número de inventário; patrimônio; numero inventario;
        numero di inventario; inventarisnummer; numer inwentarzowy; nr inwentarzowy; 资产编号; 資產編號;
        固定资产编号; 資産番号; 管理番号; 자산번호; 관리번호
        """,
    ),
    "item": (
        # The code of the item.
        """
        item code; item no; item number; item nr; item num; item id; item sku; sku; sku code; sku no; sku number;
        sku id; product code; product no; product number; product id; product sku; part; part code; part no;
        part number; part id; p/n; pn; article; article code; article no; article number; article id; material code;
        material no; material number; stock item; stock code; stock no; stock number; catalog number;
        catalogue number; cat no; mpn; manufacturer part number; mfr part number; vendor part number;
        internal reference; artikelnummer; artikelnr; artikel nummer; artikel nr; art nr; artnr; artikelcode;
        produktnummer; produktnr; produktcode; materialnummer; materialnr; teilenummer; teilenr; sachnummer; sachnr;
        bestellnummer; référence article; référence produit; code article; code produit; n° article;
        numéro d'article; numéro article; référence interne; código de artículo; código de producto;
        código producto; código artículo; número de parte; nº de parte; n° de parte; número de pieza;
        código do produto; código do item; código do artigo; código do material; número da peça; codice articolo;
        codice prodotto; cod articolo; cod. art.; codice materiale; part number articolo; artikelnummers;
        artikel code; productcode; productnummer; onderdeelnummer; materiaalnummer; kod produktu; kod towaru;
        indeks materiałowy; numer katalogowy; nr katalogowy; numer części; 物料编码; 物料编号; 物料代码; 产品编码;
        产品编号; 商品编码; 商品编号; 料号; 料號; 货号; 產品編號; 品号; 品番; 商品コード; 品目コード; 部品番号;
        型番; 商品番号; 製品番号; 品目番号; 품번; 품목코드; 제품코드; 상품코드; 부품번호; 품목번호; 자재번호;
        자재코드
        """,
        # The item, by a code or a name.
        """
        item; items; product; material; model; model code; model no; model number; model id; model #;
        hardware model; device model; asset model; product model; machine type; machine type model; equipment;
        equipment type; device; artikel; produkt; teil; modell; modellnummer; modell nr; modellbezeichnung; gerät;
        gerätetyp; article; produit; modèle; matériel; équipement; n° de modèle; numéro de modèle; appareil;
        artículo; producto; modelo; equipo; número de modelo; nº de modelo; item / modelo; artigo; produto;
        equipamento; número do modelo; articolo; prodotto; modello; materiale; apparecchio; numero modello;
        numero di modello; modelnummer; apparaat; materiaal; onderdeel; towar; artykuł; urządzenie; wyrób;
        numer modelu; 物料; 产品; 型号; 產品; 型號; 商品; 产品型号; 设备型号; 规格型号; 機型; 机型; 品目; 製品;
        モデル; 型式; 機種; 品名型番; モデル番号; 품목; 제품; 모델; 모델명; 상품; 모델번호; 기종; 형식
        """,
        # The name of the item.
        """
        item name; product name; model name; part name; article name; material name; asset name; device name;
        part description; item description; product description; artikelbezeichnung; artikelname; produktname;
        materialbezeichnung; désignation; désignation article; nom du produit; nom de l'article; libellé;
        nombre del producto; nombre del artículo; descripción del artículo; nome do produto; descrição do produto;
        nome prodotto; descrizione articolo; productnaam; artikelnaam; artikelomschrijving; nazwa produktu;
        nazwa towaru; nazwa; 产品名称; 物料名称; 商品名称; 品名; 设备名称; 製品名; 商品名; 品目名; 機器名; 품명;
        제품명; 상품명; 품목명; 장비명
        """,
        # Proposed only where the values are items.
        """
        reference; référence; réf; ref; código; referencia; referência; clave; codice; symbol; indeks; code; id;
        kod; description; bezeichnung; type; typ; beschreibung; descripción; descrição; descrizione; omschrijving;
        opis; asset; name; kategorie; category; 名称; 名前; 이름; 名稱; 品種; 종류; 类型
        """,
    ),
    "location": (
        """
        location; location code; location name; location id; location no; loc; loc code; bin; bin code;
        bin location; bin no; bin number; place; storage location; storage bin; storage place; stock location;
        shelf; shelf location; stored at; stored in; current location; default location; rack; rack location;
        warehouse; warehouse code; warehouse name; warehouse id; warehouse location; whse; wh; ort; lagerort;
        lagerplatz; lager; lagerstandort; lagerfach; fach; standort; regal; regalplatz; platz; stellplatz;
        lagernummer; lagernr; emplacement; lieu; localisation; entrepôt; magasin; dépôt; code emplacement;
        lieu de stockage; rayon; ubicación; ubicacion fisica; localización; almacén; depósito; bodega; lugar;
        estante; estantería; localização; local; armazém; almoxarifado; prateleira; endereço de estoque; ubicazione;
        posizione; magazzino; luogo; scaffale; deposito; collocazione; locatie; magazijn; opslaglocatie; plaats;
        schap; standplaats; opslagplaats; lokalizacja; magazyn; miejsce; położenie; półka; regał;
        miejsce składowania; 位置; 库位; 仓库; 存放地点; 存放位置; 库存地点; 地点; 倉庫; 儲位; 货位; 所在位置; 仓位;
        場所; 保管場所; 置場; 棚; 棚番; ロケーション; 所在; 設置場所; 保管場所コード; 위치; 창고; 보관장소; 장소;
        로케이션; 저장위치; 설치장소; 보관위치
        """,
        # Proposed only where the values are places.
        """
        storage; store; site; room; building; office; department; branch; facility; floor; zone; area; city;
        station; position; raum; gebäude; büro; filiale; niederlassung; abteilung; etage; bereich; zimmer; salle;
        bâtiment; bureau; agence; service; étage; sala; edificio; oficina; sucursal; sede; departamento; edifício;
        escritório; filial; stanza; ufficio; reparto; kamer; gebouw; kantoor; afdeling; vestiging; ruimte; pokój;
        budynek; biuro; oddział; dział; 房间; 部门; 使用部门; 部署; 部屋; 建物; 부서; 건물; 사무실
        """,
    ),
    "status": (
        """
        status; serial status; item status; stock status; unit status; status code; current status; asset status;
        device status; serial number status; inventory status; seriennummernstatus; bestandsstatus; lagerstatus;
        artikelstatus; gerätestatus; statut; statut du stock; estado; estado del equipo; estatus; situación;
        situação; estado do item; stato; stato articolo; stato apparecchio; toestand; voorraadstatus; stan;
        status towaru; 状态; 狀態; 库存状态; 设备状态; 使用状态; ステータス; 状態; 在庫状態; 상태; 재고상태;
        현재상태
        """,
        "state; état; condition state; zustandscode",
    ),
    "condition_notes": (
        """
        condition notes; condition note; condition; notes; note; remark; remarks; comment; comments; memo;
        condition description; condition remarks; condition comments; item condition; zustand; zustandsnotiz;
        zustandsnotizen; zustandsbeschreibung; notiz; notizen; bemerkung; bemerkungen; anmerkung; anmerkungen;
        kommentar; kommentare; hinweis; hinweise; remarque; remarques; commentaire; commentaires; observations;
        observation; notas; nota; comentarios; comentario; observaciones; observación; condición; observações;
        observação; comentários; condição; osservazioni; commenti; commento; condizione; condizioni; annotazioni;
        opmerking; opmerkingen; notitie; notities; conditie; uwagi; uwaga; komentarz; notatki; opis stanu; 备注;
        說明; 備註; 注释; 说明; 备注信息; 備考; 注記; コメント; メモ; 비고; 메모; 특이사항; 참고
        """,
    ),
    "warranty_start": (
        """
        warranty start; warranty start date; warranty from; warranty begin; warranty begins; warranty begin date;
        warranty starts; warranty since; start of warranty; warranty valid from; guarantee start; guarantee from;
        guarantee start date; garantie von; garantie ab; garantie beginn; garantiebeginn; garantie start;
        garantiestart; beginn der garantie; gewährleistung von; gewährleistung ab; gewährleistungsbeginn;
        début de garantie; début garantie; date début garantie; date de début de garantie; inicio de garantía;
        inicio garantía; fecha inicio garantía; fecha de inicio de garantía; garantía desde; início da garantia;
        início garantia; data início garantia; garantia desde; inizio garanzia; data inizio garanzia; garanzia dal;
        begin garantie; garantie vanaf; startdatum garantie; początek gwarancji; gwarancja od;
        data rozpoczęcia gwarancji; 保修开始; 保修开始日期; 保固開始; 质保开始日期; 保証開始; 保証開始日; 보증시작;
        보증시작일; 보증 시작 일자
        """,
    ),
    "warranty_end": (
        """
        warranty end; warranty end date; warranty ends; warranty until; warranty till; warranty to; warranty expiry;
        warranty expiry date; warranty expiration; warranty expiration date; warranty expires; warranty expires on;
        warranty valid until; warranty valid to; warranty date; end of warranty; under warranty until;
        guarantee end; guarantee until; guarantee end date; guarantee expiry; garantie bis; garantie ende;
        garantieende; garantieablauf; ende der garantie; garantie gültig bis; gewährleistung bis;
        gewährleistungsende; fin de garantie; fin garantie; date fin garantie; date de fin de garantie;
        garantie jusqu'au; échéance garantie; expiration garantie; fin de garantía; fin garantía;
        fecha fin garantía; fecha de fin de garantía; vencimiento de garantía; vencimiento garantía; garantía hasta;
        fim da garantia; fim garantia; data fim garantia; garantia até; vencimento da garantia; término da garantia;
        fine garanzia; data fine garanzia; scadenza garanzia; garanzia fino al; einde garantie; garantie tot;
        garantie einddatum; einddatum garantie; garantie vervalt; koniec gwarancji; gwarancja do;
        data końca gwarancji; data zakończenia gwarancji; 保修到期; 保修到期日; 保修截止日期; 保固到期日;
        质保到期日; 保修期至; 保証終了; 保証終了日; 保証期限; 保証満了日; 보증만료; 보증만료일; 보증종료일; 보증기한
        """,
        """
        warranty; guarantee; garantie; gewährleistung; garantía; garantia; garanzia; gwarancja; 保修; 保固; 质保;
        保証; 보증
        """,
    ),
    "warranty_term": (
        """
        warranty term; warranty months; warranty (months); warranty in months; warranty period; warranty duration;
        warranty length; warranty years; warranty (years); warranty in years; warranty days; warranty (days);
        months of warranty; warranty period (months); warranty months remaining; garantiezeit; garantiedauer;
        garantie monate; garantie (monate); garantie in monaten; garantie jahre; garantie (jahre);
        garantie in jahren; gewährleistungsfrist; garantiefrist; durée de garantie; durée garantie; garantie (mois);
        garantie mois; garantie en mois; garantie (ans); duración de garantía; duración garantía;
        período de garantía; periodo de garantía; garantía (meses); garantía meses; garantía en meses;
        garantía (años); meses de garantía; prazo de garantia; período de garantia; garantia (meses);
        garantia meses; garantia (anos); meses de garantia; durata garanzia; durata della garanzia; garanzia (mesi);
        garanzia mesi; mesi di garanzia; garanzia (anni); periodo di garanzia; garantietermijn; garantieperiode;
        garantieduur; garantie (maanden); garantie maanden; garantie (jaar); okres gwarancji; gwarancja (miesiące);
        gwarancja miesiące; gwarancja w miesiącach; długość gwarancji; gwarancja (lata); 保修期; 保修期(月);
        保修月数; 保固期; 质保期; 保固月數; 保修期限; 保証期間; 保証期間(月); 保証月数; 保証年数; 보증기간;
        보증기간(월); 보증개월; 보증기간(년)
        """,
    ),
    "date_received": (
        """
        date received; received; received date; received on; received at; receipt date; date of receipt;
        receiving date; receive date; date receive; goods receipt date; date in; in date; arrival date; arrived;
        arrived on; date of arrival; delivery date; date added; intake date; eingang; eingangsdatum; wareneingang;
        wareneingangsdatum; datum wareneingang; datum eingang; erhalten; erhalten am; empfangen; empfangen am;
        eingegangen; eingegangen am; zugang; zugangsdatum; lieferdatum; date de réception; date réception; reçu le;
        reçu; date d'arrivée; date de livraison; date d'entrée; date entrée; fecha de recepción; fecha recepción;
        fecha de entrada; fecha entrada; recibido; fecha de ingreso; fecha ingreso; fecha de recibo;
        fecha de llegada; fecha de entrega; data de recebimento; data recebimento; data de entrada; data entrada;
        recebido em; data de chegada; data de receção; data ricevimento; data di ricevimento; data ricezione;
        data arrivo; data di arrivo; data ingresso; data di consegna; ricevuto il; ricevuto; ontvangstdatum;
        ontvangen; ontvangen op; datum ontvangst; datum ontvangen; leverdatum; datum binnenkomst; data przyjęcia;
        data otrzymania; data dostawy; przyjęto; otrzymano; data wpływu; 收货日期; 入库日期; 到货日期; 入庫日期;
        收貨日期; 接收日期; 入库时间; 入庫日; 受入日; 入荷日; 受領日; 納品日; 納入日; 입고일; 입고일자; 수령일;
        입고날짜; 도착일; 납품일
        """,
        """
        purchase date; date of purchase; date purchased; purchased; purchased on; acquisition date; acquired;
        buy date; kaufdatum; anschaffungsdatum; einkaufsdatum; date d'achat; date achat; date d'acquisition;
        fecha de compra; fecha compra; fecha de adquisición; data de compra; data da compra; data compra;
        data de aquisição; data acquisto; data di acquisto; aankoopdatum; aanschafdatum; data zakupu; 购买日期;
        采购日期; 購買日期; 購入日; 取得日; 구매일; 구입일; 구매일자; 취득일
        """,
    ),
    "customer": (
        """
        customer; customer name; customer code; customer no; customer number; customer id; client; client name;
        client code; buyer; sold to; sold to party; sold to customer; purchaser; consumer; end customer; account;
        account name; kunde; kundenname; kundennummer; kundennr; kunden nr; kunden name; käufer; verkauft an;
        endkunde; abnehmer; nom du client; code client; acheteur; vendu à; client final; cliente;
        nombre del cliente; código de cliente; comprador; vendido a; cliente final; nome do cliente;
        código do cliente; nome cliente; codice cliente; acquirente; venduto a; klant; klantnaam; klantnummer;
        koper; verkocht aan; afnemer; klient; nazwa klienta; kod klienta; nabywca; odbiorca; sprzedano; kontrahent;
        客户; 客戶; 客户名称; 客户编号; 买方; 顾客; 顧客; 得意先; 取引先; お客様; 顧客名; 得意先名; 販売先; 고객;
        고객명; 거래처; 구매자; 고객사; 고객코드
        """,
    ),
}
"""Usual headings by field, in English, German, French, Spanish, Portuguese, Italian, Dutch, Polish, Chinese, Japanese
and Korean."""

UNITS: Final = """
    device; item; unit; asset; product; equipment; machine; host; chassis; system; hardware; computer; laptop;
    phone; printer; monitor; battery; module; board; part; manufacturer; manufacturers; mfr; mfg; vendor; oem;
    factory; tool; meter; instrument; router; switch; server; drive; disk; radio; terminal; camera; sensor;
    appliance; component; stock; sim; hw; pc; ap; tag; primary; original; article; full; label; node; controller;
    box; car; vehicle; engine; sub
"""
"""Words before those for a serial number in headings: `Chassis Serial Number`, `product_sn`."""

SERIAL_ENDS: Final = """
    serial number; serial numbers; serial no; serial nr; serial; serials; serial num; serial #; serial id; sn; s/n;
    snr
"""
"""The words for a serial number behind `UNITS`."""

SERIAL_PARTS: Final = (
    "serial", "serie", "seryjn", "matricol", "序列", "シリアル", "시리얼", "일련"
)  # fmt: skip
"""Parts of a word that make an unusual heading that of a serial number; accents are ignored."""

SERIAL_WORDS: Final = ("sn", "sns", "snr", "imei", "vin")
"""Whole words that do."""

COUNTERS: Final = "s no; sno; s.no; sr no; srno; sl no; slno; ser no; serno; s nr; serial no; sn; 序号; 序號; #; no; nr"
"""Headings that name a serial number in one file, and the running number of the row in another."""

TOTALS: Final = """
    total; totals; sum; subtotal; sub total; grand total; overall total; total count; total units; total items;
    total qty; count; total serials; page total; running total; summe; gesamt; gesamtsumme; zwischensumme; endsumme;
    insgesamt; gesamtanzahl; anzahl gesamt; total général; sous-total; total partiel; somme; totaux; total generale;
    total general; suma; suma total; subtotales; totales; soma; total geral; totais; totale; totale generale;
    subtotale; somma; parziale; totaal; subtotaal; eindtotaal; algemeen totaal; som; razem; suma końcowa; ogółem;
    podsumowanie; suma częściowa; łącznie; 合计; 总计; 小计; 合計; 總計; 小計; 总数; 共计; 総計; 総合計; 計; 합계;
    총계; 소계; 총합; 총합계; end of report; end of list; end of file
"""
"""First words of rows of totals below a table."""

PLACEHOLDERS: Final = """
    n/a; na; n.a.; not applicable; not available; none; null; nil; nan; no; unknown; unkn; unk; tbd; tba; t.b.d.;
    to be defined; to be determined; to be filled by o.e.m.; to be filled by oem; to be filled; default string;
    default; not specified; not provided; not present; not set; not assigned; unassigned; undefined; unspecified;
    system serial number; chassis serial number; base board serial number; no serial; no serial number; no sn;
    no s/n; none given; without serial; without serial number; missing; empty; blank; test; dummy; sample; example;
    placeholder; pending; invalid; o.e.m.; oem; s/n; sn; xxx; ?; ??; ???; see label; various; multiple; not found;
    noserial; noserialnumber; ohne; keine; kein; unbekannt; nicht vorhanden; entfällt; fehlt; ohne seriennummer;
    k.a.; keine angabe; nicht bekannt; aucun; aucune; inconnu; sans; sans numéro; non renseigné; néant; à définir;
    ninguno; ninguna; desconocido; sin serie; sin número; no aplica; no disponible; sin datos; nenhum; nenhuma;
    desconhecido; sem número; sem série; não aplicável; não informado; nessuno; nessuna; sconosciuto;
    non disponibile; senza; assente; geen; onbekend; n.v.t.; nvt; zonder; niet bekend; brak; nieznany; nie dotyczy;
    bez numeru; nieznane; 无; 無; 没有; 未知; 不明; 不详; なし; 無し; 없음; 미상; 모름; 해당없음; 123456789;
    1234567890; 0123456789; 987654321; 9876543210; abcdef; abcdefg; abc123; 123abc; a1b2c3; asdf; qwerty;
    1234567890abcdef
"""
"""Texts that stand for a serial number where nobody knows it, or that a maker left in the firmware; signs around them
are ignored. Any repeated character is one, too: 00000000, xxxx."""

OLD: Final = """
    old; wrong; before; from; previous; present; current; misread; alt; alte; alter; altes; falsch; falsche; bisher;
    bisherige; von; ancien; ancienne; faux; avant; actuel; viejo; antiguo; anterior; antes; actual; velho; antigo;
    vecchio; vecchia; precedente; prima; oud; oude; fout; stary; stare; stara; błędny
"""
NEW: Final = """
    new; right; after; to; correct; corrected; neu; neue; neuer; neues; richtig; richtige; korrekt; nach; nouveau;
    nouvelle; correcte; corrigé; après; nuevo; nueva; correcto; corregido; después; novo; nova; correto; depois;
    nuovo; nuova; corretto; dopo; nieuw; nieuwe; juist; nowy; nowe; nowa; poprawny
"""
"""Words before those for a serial number in headings of a list of corrections; they may stand alone."""

TEXTS: Final = "text; number; no; nr; nummer; value; numéro; número; numero; numer; label"
"""Other words for a serial number that may follow them."""
