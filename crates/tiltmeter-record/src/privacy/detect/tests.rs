use proptest::prelude::*;

use super::*;
use crate::privacy::MaskCounts;
use crate::privacy::scan::Scanner;

fn scan(text: &str) -> String {
    scan_for(&Detector::ALL, text)
}

fn scan_for(detectors: &[Detector], text: &str) -> String {
    let mut scanner = Scanner::new(Vec::new(), Detectors::new(detectors)).unwrap();
    scanner.scan(text, &mut MaskCounts::default()).into_owned()
}

fn all_become(replacement: &str, texts: &[&str]) {
    for text in texts {
        assert_eq!(scan(text), replacement, "{text}");
        assert_eq!(scan(&format!("see: {text}, and")), format!("see: {replacement}, and"), "{text}");
    }
}

fn all_stay(texts: &[&str]) {
    for text in texts {
        assert_eq!(scan(text), *text);
    }
}

/// Test numbers that are published by those who process payments: docs.stripe.com/testing, developer.paypal.com
/// ("test card numbers"), docs.adyen.com ("test card numbers").
const CARDS: [&str; 17] = [
    "4242424242424242",
    "4000056655665556",
    "5555555555554444",
    "2223003122003222",
    "5200828282828210",
    "5105105105105100",
    "378282246310005",
    "371449635398431",
    "6011111111111117",
    "6011000990139424",
    "3056930009020004",
    "36227206271667",
    "3566002020360505",
    "6205500000000000004",
    "4111111111111111",
    "4222222222222",
    "6304000000000000",
];

#[test]
fn cards_are_found() {
    all_become("<card>", &CARDS);
    all_become(
        "<card>",
        &[
            "4242 4242 4242 4242",
            "4242-4242-4242-4242",
            "4242\u{a0}4242\u{a0}4242\u{a0}4242",
            "3782 822463 10005",
            "3622 720627 1667",
            "6205 5000 0000 0000 004",
        ],
    );
    assert_eq!(scan("12 4242 4242 4242 4242 100"), "12 <card> 100");
    assert_eq!(scan("卡号4242424242424242。"), "卡号<card>。");
    assert_eq!(scan("pan=4242424242424242&cvc=1"), "pan=<card>&cvc=1");
}

#[test]
fn a_wrong_digit_makes_it_no_card() {
    for card in CARDS {
        for place in 2..card.len() {
            let mut bytes = card.as_bytes().to_vec();
            bytes[place] = b'0' + (bytes[place] - b'0' + 1) % 10;
            let wrong = String::from_utf8(bytes).unwrap();
            assert_eq!(scan_for(&[Detector::Card], &wrong), wrong, "{card} at {place}");
        }
    }
}

#[test]
fn digits_of_something_longer_are_no_card() {
    all_stay(&[
        "42424242424242424242",
        "x4242424242424242",
        "4242424242424242x",
        "0.4242424242424242",
        "4242424242424242.5",
        "12345678-4242-4242-4242-424242424242",
        "1704186245123456",
        "42 42 42 42 42 42 42 42",
    ]);
}

/// The examples of the IBAN registry of SWIFT (ISO 13616), one for each form of number.
const IBANS: [&str; 12] = [
    "DE89 3704 0044 0532 0130 00",
    "GB29 NWBK 6016 1331 9268 19",
    "FR14 2004 1010 0505 0001 3M02 606",
    "NL91 ABNA 0417 1643 00",
    "CH93 0076 2011 6238 5295 7",
    "NO93 8601 1117 947",
    "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
    "SE45 5000 0000 0583 9825 7466",
    "AT61 1904 3002 3457 3201",
    "BR18 0036 0305 0000 1000 9795 493C 1",
    "SA03 8000 0000 6080 1016 7519",
    "IT60 X054 2811 1010 0000 0123 456",
];

#[test]
fn ibans_are_found() {
    all_become("<iban>", &IBANS);
    for iban in IBANS {
        let compact = iban.replace(' ', "");
        all_become("<iban>", &[&compact, &compact.to_lowercase(), &iban.replace(' ', "-")]);
        // the check digits find every change of one digit
        let wrong = compact.replacen(&compact[2..3], if &compact[2..3] == "9" { "8" } else { "9" }, 1);
        assert_eq!(scan_for(&[Detector::Iban], &wrong), wrong);
    }
    for text in ["XDE89370400440532013000", "DE893704004405320130001", "DE00 3704 0044 0532 0130 00"] {
        assert_eq!(scan_for(&[Detector::Iban], text), text);
    }
    assert_eq!(scan("DE89 3704 0044 0532 0130 00 12 items"), "<iban> 12 items");
}

#[test]
fn addresses_are_found() {
    all_become(
        "<email>",
        &[
            "ann@example.org",
            "a.b+c_d@x-y.example.co.uk",
            "ANN@EXAMPLE.ORG",
            "jürgen@münchen.example",
            "o'neil@x.ie",
        ],
    );
    assert_eq!(scan("(ann@example.org)."), "(<email>).");
    assert_eq!(scan("mailto:ann@example.org?subject=x"), "mailto:<email>?subject=x");
    assert_eq!(scan("ann@example.org,bob@example.org"), "<email>,<email>");
    assert_eq!(scan("@ann@example.org"), "@<email>");
    assert_eq!(scan("<ann@example.org>"), "<<email>>");
    assert_eq!(scan("4242424242424242@example.org"), "<email>");
    assert_eq!(scan("+49 30 901820@example.org"), "<phone>", "a number that runs into an address");
    assert_eq!(scan("an taro.@docomo.example: a..b@x.org, .c@x.org"), "an <email>: <email>, <email>");
    all_stay(&["@", ".@x.org", "a@b", "ann at example.org", "@ann", "ann@", "a @ b.org", "1 @ 2"]);
}

#[test]
fn telephone_numbers_are_found() {
    // Ofcom's and the NANP's numbers for drama, and those that the Bundesnetzagentur keeps for films
    all_become(
        "<phone>",
        &[
            "+44 20 7946 0958",
            "+442079460958",
            "+1 (212) 555-0123",
            "+1-212-555-0123",
            "+49 (0)30 23125 123",
            "+49.30.23125123",
            "+33 1 99 00 12 34",
            "0044 20 7946 0958",
            "00442079460958",
            "(212) 555-0123",
            "212-555-0123",
            "212.555.0123",
            "1-212-555-0123",
            "020 7946 0958",
            "(030) 23125 123",
            "030/23125123",
            "0171 39200 15",
            "06 12 34 56 78",
            "06.12.34.56.78",
        ],
    );
    assert_eq!(scan("tel:+442079460958;ext=1"), "tel:<phone>;ext=1");
}

#[test]
fn other_numbers_are_no_telephone_numbers() {
    all_stay(&[
        "2024-01-02T03:04:05.123456+01:00",
        "2024-01-02 03:04:05",
        "02-01-2024 03:04",
        "1704186245",
        "1704186245123",
        "01701234567",
        "+1234567",
        "1e+12345678",
        "10.12.2024",
        "192 168 1 1",
        "00000123456789",
        "550e8400-e29b-41d4-a716-446655440000",
        "x+442079460958",
        "3.14159265358979",
        "1,234,567,890",
    ]);
}

#[test]
fn ip_addresses_are_found() {
    // the blocks for documentation of RFC 5737 and RFC 3849, and the forms of RFC 4291, section 2.2
    all_become(
        "<ip>",
        &[
            "192.0.2.1",
            "198.51.100.255",
            "1.2.3.4",
            "2001:db8::1",
            "2001:DB8:0:0:8:800:200C:417A",
            "FF01::101",
            "::1",
            "::13.1.68.3",
            "::FFFF:129.144.52.38",
            "0:0:0:0:0:FFFF:129.144.52.38",
        ],
    );
    assert_eq!(scan("http://192.0.2.1:8080/x"), "http://<ip>:8080/x");
    assert_eq!(scan("[2001:db8::1]:443"), "[<ip>]:443");
    assert_eq!(scan("fe80::1%eth0, 192.0.2.0/24."), "<ip>%eth0, <ip>/24.");
    assert_eq!(scan("host:192.0.2.1"), "host:<ip>");
    assert_eq!(scan("ip:2001:db8::1"), "ip:<ip>");
    assert_eq!(scan("node:fe80::1"), "node:<ip>");
    assert_eq!(scan("ends with 192.0.2.1."), "ends with <ip>.");
    all_stay(&[
        "v1.2.3.4",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "12:30:45",
        "12:30:45.123",
        "00:1b:44:11:3a:b7",
        "std::net",
        "a::b",
        "::",
        "x: 1",
        "1:2:3",
    ]);
}

#[test]
fn detectors_that_are_off_find_nothing() {
    let text = "ann@example.org +442079460958 4242424242424242 192.0.2.1 DE89370400440532013000";
    for (at, detector) in Detector::ALL.into_iter().enumerate() {
        let scanned = scan_for(&[detector], text);
        for (other, found) in Detector::ALL.into_iter().enumerate() {
            assert_eq!(scanned.contains(found.replacement()), at == other, "{scanned}");
        }
    }
}

/// Text of what numbers and addresses are made of.
fn dense() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[0-9 .:@+/()-]{0,12}",
        "[a-f0-9:.]{0,20}",
        "[A-Za-z0-9@.é<>]{0,10}",
        prop::sample::select(CARDS.to_vec()).prop_map(str::to_owned),
        prop::sample::select(IBANS.to_vec()).prop_map(str::to_owned),
        "(ann@example\\.org|\\+44 20 7946 0958|192\\.0\\.2\\.1|2001:db8::1)",
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn what_is_left_is_left_again(text in dense()) {
        let once = scan(&text);
        prop_assert_eq!(scan(&once), once);
    }

    #[test]
    fn what_is_found_lies_apart_and_between_characters(text in prop_oneof![dense(), any::<String>()]) {
        let mut found = Vec::new();
        Detectors::new(&Detector::ALL).find(&text, &mut found);
        let mut end = 0;
        for (range, _) in found {
            prop_assert!(range.start >= end && range.end > range.start && text.get(range.clone()).is_some());
            end = range.end;
        }
    }

    #[test]
    fn a_text_without_digits_and_at_signs_is_borrowed(text in "[^0-9@]{0,200}") {
        let mut scanner = Scanner::new(Vec::new(), Detectors::new(&Detector::ALL)).unwrap();
        let scanned = scanner.scan(&text, &mut MaskCounts::default());
        prop_assert!(matches!(scanned, std::borrow::Cow::Borrowed(_)));
    }

    #[test]
    fn what_stands_between_signs_is_found(before in "[ ,;\"(\\[\n]", after in "[ ,;\"\\n]", at in 0..CARDS.len()) {
        prop_assert_eq!(scan(&format!("{before}{}{after}", CARDS[at])), format!("{before}<card>{after}"));
    }
}
