"""Which column is what."""

from __future__ import annotations

import pytest

from models.errors import BadValue
from models.importing.columns import (
    Field,
    FirstRows,
    check_mapping,
    column_letter,
    header_key,
    parse_mapping,
    propose,
    recognise,
)
from tests.support.cases import each

HEADER = ["Serial Number", "Item", "Ort", "Price", "", "Price"]


def test_a_field_is_labelled_as_the_grid_is() -> None:
    assert [field.label for field in Field] == [
        "Serial Number", "Item", "Location", "Status", "Condition Notes", "Warranty Start", "Warranty End",
        "Date Received", "Customer", "Warranty Term",
    ]  # fmt: skip


@each(
    ("field", "names"),
    [
        (Field.SERIAL_NUMBER, "Serial Number;SERIAL_NUMBER;serial-no.;Serial No.;Serial #;S/N;SN;s.n.;IMEI;Serien-Nr."),
        (Field.SERIAL_NUMBER, "Seriennummer;Seriennummern;Gerätenummer;GERAETENUMMER;serialNumber; Serial  Number "),
        (Field.ITEM, "Item;Item code;Item No.;SKU;Product;Part Number;P/N;Artikel;Artikel-Nr.;Art.-Nr.;Material"),
        (Field.LOCATION, "Location;Warehouse;Bin;Place;Stored at;Lagerort;Lager;Standort"),
        (Field.STATUS, "Status;STATE;Item status"),
        (Field.CONDITION_NOTES, "Condition Notes;Condition;Notes;Remarks;Comment;Zustand;Bemerkungen"),
        (Field.WARRANTY_START, "Warranty Start;Warranty from;Garantie ab;Garantiebeginn"),
        (Field.WARRANTY_END, "Warranty End;Warranty until;Warranty expires;Warranty Expiry Date;Garantie bis"),
        (Field.DATE_RECEIVED, "Date Received;Received;received_date;Receipt Date;Eingangsdatum;Wareneingang"),
        (Field.CUSTOMER, "Customer;Client;Sold to;Customer name;Kunde;Käufer"),
        (
            Field.SERIAL_NUMBER,
            "Numéro de série;N° de série;Numero de serie;Número de serie;Nº de Série;Matricola;Numer seryjny",
        ),
        (
            Field.SERIAL_NUMBER,
            "Serienummer;序列号;シリアル番号;ｼﾘｱﾙ番号;일련번호;Asset Tag;Service Tag;IMEI 1;VIN;product_sn",
        ),
        (Field.SERIAL_NUMBER, "Host/Chassis Serial Number;deviceSerial;Serial Number (required);Seriennummer / Serial"),
        (Field.ITEM, "Modèle;Modelo;Référence;Modello;型号;品番;품번;Hardware Model;Manufacturer Part Number"),
        (Field.LOCATION, "Ubicación;Emplacement;Localização;Magazzino;Locatie;Magazyn;仓库;保管場所;창고"),
        (
            Field.WARRANTY_END,
            "Fin de garantie;Fin de garantía;Scadenza garanzia;Garantie tot;Gwarancja do;保修到期;보증만료일",
        ),
        (
            Field.WARRANTY_TERM,
            "Warranty (months);Garantie (Monate);Durée de garantie;Garantía (meses);保修期(月);보증기간",
        ),
        (Field.DATE_RECEIVED, "Date d'achat;Fecha de compra;Purchase Date;入库日期;入荷日;입고일;Data przyjęcia"),
        (Field.CUSTOMER, "Cliente;Klant;Nabywca;客户;顧客;고객"),
        (Field.STATUS, "Statut;Estado;Stato;状态;ステータス;상태"),
        (Field.CONDITION_NOTES, "Remarques;Observaciones;Uwagi;备注;備考;비고"),
    ],
)
def test_a_column_is_known_by_its_usual_names(field: Field, names: str) -> None:
    for name in names.split(";"):
        assert recognise([name]) == {0: field}


def test_a_value_with_a_word_of_a_heading_is_no_heading() -> None:
    for text in ("SN/12345", "VIN (123)", "Item 12", "Serial list", "X/Y", "/", "()"):
        assert recognise([text]) == {}, text


def test_a_field_is_known_by_its_label_and_its_name() -> None:
    assert recognise([field.label for field in Field]) == recognise(list(Field)) == dict(enumerate(Field))


def test_unknown_columns_are_left_out_and_the_first_of_two_is_taken() -> None:
    header = ["Reason", "", "Colour", "SKU", "S/N", "Item", "serial", "§$%", "Date", "Warranty Card"]
    assert recognise(header) == {3: Field.ITEM, 4: Field.SERIAL_NUMBER}


def test_a_mapping_names_a_column_by_heading_number_or_letter() -> None:
    known = {0: Field.SERIAL_NUMBER, 1: Field.ITEM, 2: Field.LOCATION}
    assert parse_mapping([], HEADER) == known
    for column in ("D", "d", "4"):
        assert parse_mapping([f"{column}=condition_notes"], HEADER) == known | {3: Field.CONDITION_NOTES}
    for column in ("ort", " ORT ", "3", "C"):
        assert parse_mapping([f"{column}=Customer"], HEADER) == {**known, 2: Field.CUSTOMER}
    assert parse_mapping(["A=B=S/N"], ["A=B", "B"]) == {0: Field.SERIAL_NUMBER}
    assert parse_mapping(["2=S/N"], ["B", "A", "2"]) == {2: Field.SERIAL_NUMBER}
    assert parse_mapping(["B=S/N"], ["B", "A", "2"]) == {0: Field.SERIAL_NUMBER}


def test_a_mapped_field_is_taken_from_no_other_column() -> None:
    assert parse_mapping(["E=serial_number", "Item="], HEADER) == {2: Field.LOCATION, 4: Field.SERIAL_NUMBER}
    assert parse_mapping(["A=ignore", "B=-", "C=none"], HEADER) == {}


@each(
    ("pairs", "sentence"),
    [
        (["Item"], "“Item” is no mapping. Write COLUMN=FIELD, such as A=serial_number."),
        (["=item"], "is no mapping"),
        (["Bin=item"], "There is no column “Bin”. The columns are: Serial Number, Item, Ort, Price, E, Price."),
        (["0=item"], "There is no column “0”"),
        (["7=item"], "There is no column “7”"),
        (["G=item"], "There is no column “G”"),
        (["Item=colour"], "There is no field “colour”. The fields are: serial_number, item, location, status,"),
        (["Price=item"], "Several columns are named “Price”: D and F. Name one by its letter."),
        (["A=item", "Serial number=status"], "The column “Serial Number” is mapped twice"),
        (["A=item", "B=sku"], "Two columns are mapped to item. Choose one of them."),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(pairs: list[str], sentence: str) -> None:
    with pytest.raises(BadValue) as refused:
        parse_mapping(pairs, HEADER)
    assert sentence in refused.value.message
    assert refused.value.details["field"] == "map"


def test_a_header_is_the_same_however_it_is_written() -> None:
    key = header_key(["Serial No.", "Größe", ""])
    assert key == header_key(["SERIAL_NO", " groesse", ""]) == header_key(["serial no", "GRÖSSE", "", "Reason"])
    assert key != header_key(["Serial No.", "Größe"])
    assert key != header_key(["Größe", "Serial No.", ""])
    assert header_key(["Reason", "A"]) != header_key(["A"])
    long = [f"Column {number}" for number in range(1000)]
    assert len(header_key(long)) == 200
    assert header_key(long) != header_key([*long, "x"])


def test_columns_are_lettered_as_in_a_spreadsheet() -> None:
    assert [column_letter(column) for column in (0, 25, 26, 701, 702, 16_383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


def first(*columns: str, items: str = "", places: str = "", statuses: str = "In Stock") -> FirstRows:
    """First rows: the values of each column, apart by commas."""
    named = (frozenset(texts.split(",")) for texts in (items, places, statuses))
    return FirstRows([[text for text in values.split(",") if text] for values in columns], *named)


def test_a_column_is_proposed_only_where_its_values_fit() -> None:
    header = ["Serial", "Storage", "State", "Warranty", "Received", "Customer", "Item"]
    proposal = propose(header, first("A,B", "256 GB,1 TB", "CA,NY", "Yes,No", "soon,late", "ACME,ACME", "X,Y"))
    assert proposal.mapping == {0: Field.SERIAL_NUMBER, 6: Field.ITEM}
    assert [hint.text for hint in proposal.hints] == [
        "The column “Storage” is left out: its values (256 GB, 1 TB) are no places.",
        "The column “State” is left out: its values (CA, NY) are no statuses.",
        "The column “Received” is left out: its values (soon, late) are no dates.",
        "The column “Warranty” is left out: its values (Yes, No) are no dates.",
        "The column “Customer” is left out: without a column for the status no unit has a customer.",
    ]
    assert proposal.hints[0].option == "--map “Storage=location” takes it all the same."
    fits = first("A,B", "S-1,S-2", "In Stock,In Stock", "24,36", "5.31.21,6.04.2021", "ACME,", "X,Y", places="S-1,S-2")
    assert set(propose(header, fits).mapping.values()) == {
        Field.SERIAL_NUMBER, Field.LOCATION, Field.STATUS, Field.WARRANTY_TERM, Field.DATE_RECEIVED, Field.CUSTOMER,
        Field.ITEM,
    }  # fmt: skip
    assert propose(["Warranty Period"], first("2026-01-01")).mapping == {0: Field.WARRANTY_END}
    rejected = propose([*header, "Reason"], first("A", "256 GB", "CA", "Yes", "soon", "ACME", "X", "wrong"))
    assert set(rejected.mapping) == {0, 4, 6}, "a file of rejected rows has the columns of its source"


def test_of_two_columns_the_better_one_is_taken() -> None:
    assert propose(["Item", "SKU"], first("Saw,Drill", "S-1,D-1")).mapping[1] is Field.ITEM
    assert propose(["Item", "SKU"], first("Saw,Drill", "1,2", items="Saw,Drill")).mapping[0] is Field.ITEM
    assert propose(["Bin", "Warehouse"], first("X,Y", "W,W", places="W")).mapping == {1: Field.LOCATION}
    assert propose(["Asset Tag", "IMEI", "Serial"], first("1,2", "3,4", "5,6")).mapping == {2: Field.SERIAL_NUMBER}
    assert propose(["S.No.", "Serial"], first("1,2,3,Total", "A,B,C")).mapping == {1: Field.SERIAL_NUMBER}
    assert propose(["S.No."], first("1,2,3")).mapping == {0: Field.SERIAL_NUMBER}
    two = propose(["Host Serial Number", "Chassis Serial Number"], first("A,B", "C,D"))
    assert two.mapping == {0: Field.SERIAL_NUMBER}
    assert two.hints[0].text == (
        "Two columns look like the serial number: “Host Serial Number” and “Chassis Serial Number”. "
        "“Host Serial Number” is taken."
    )
    assert two.hints[0].option == "--map “Chassis Serial Number=serial_number” takes another."


def test_a_single_unusual_heading_with_the_word_is_that_of_the_serial_number() -> None:
    for name in (
        "Unit SNs known",
        "Dernier n° de série connu",
        "Seriennummer laut Lieferschein",
        "snOfUnit",
        "序列号(新)",
    ):
        assert propose(["Colour", name], first("red", "A-1")).mapping == {1: Field.SERIAL_NUMBER}, name
    assert propose(["Last serial seen", "First serial seen"], first("A", "B")).mapping == {}
    assert propose(["Series name", "Reason"], first("A", "B")).mapping == {}


def test_a_refused_mapping_names_the_columns_and_the_option() -> None:
    with pytest.raises(BadValue) as refused:
        check_mapping({}, item="SAW-1", header=["Name", "", "Ort"])
    assert refused.value.message == (
        "No column is the serial number. The file has A “Name”, B, C “Ort”. Say which one is."
    )
    assert refused.value.details["option"] == "--map A=serial_number"


def test_a_heading_that_can_mean_anything_needs_values_that_exist_here() -> None:
    for name, field in (("Reference", Field.ITEM), ("Código", Field.ITEM), ("Room", Field.LOCATION)):
        assert propose([name], first("X,Y")).mapping == {}
        assert propose([name], first("X,Y", items="X", places="Y")).mapping == {0: field}
    assert propose(["Asset Tag", "Unit SNs known"], first("1,2", "A,B")).mapping == {1: Field.SERIAL_NUMBER}
    assert propose(["Asset Tag", "Colour"], first("1,2", "A,B")).mapping == {0: Field.SERIAL_NUMBER}
