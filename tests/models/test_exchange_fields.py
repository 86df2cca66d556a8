"""Which column is what."""

from __future__ import annotations

import pytest

from models.errors import BadValue
from models.importing.columns import Field, column_letter, header_key, parse_mapping, recognise

HEADER = ["Serial Number", "Item", "Ort", "Price", "", "Price"]


def test_a_field_is_labelled_as_the_grid_is() -> None:
    assert [field.label for field in Field] == [
        "Serial Number", "Item", "Location", "Status", "Condition Notes", "Warranty Start", "Warranty End",
        "Date Received", "Customer",
    ]  # fmt: skip


@pytest.mark.parametrize(
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
    ],
)
def test_a_column_is_known_by_its_usual_names(field: Field, names: str) -> None:
    for name in names.split(";"):
        assert recognise([name]) == {0: field}


def test_a_field_is_known_by_its_label_and_its_name() -> None:
    assert recognise([field.label for field in Field]) == recognise(list(Field)) == dict(enumerate(Field))


def test_unknown_columns_are_left_out_and_the_first_of_two_is_taken() -> None:
    header = ["Reason", "", "Colour", "SKU", "S/N", "Item", "serial", "§$%", "Date", "Warranty Period"]
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


@pytest.mark.parametrize(
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
