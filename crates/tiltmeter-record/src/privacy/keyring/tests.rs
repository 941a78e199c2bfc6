use super::*;

const NEW: &str = "000102030405060708090a0b0c0d0e0f";
const OLD: &str = "EBESExQVFhcYGRobHB0eHw==";

fn refusal(text: &str) -> String {
    let error = Keyring::from_text(text).unwrap_err();
    assert!(!format!("{error:?}").contains("0a0b0c"), "{error:?}");
    error.to_string()
}

#[test]
fn a_hash_is_the_hmac_of_the_domain_and_the_value() {
    // python3: hmac.new(bytes(range(16)), b"tiltmeter.hash.v1\0c1", "sha256").hexdigest()[:32]
    let keys = Keyring::from_text(&format!("2026b:{NEW}\n2026a:{OLD}\n")).unwrap();
    assert_eq!(keys.hash("c1"), "h:2026b:95dd65d46f9b76cbf242d15f40faece2");
    // python3: hmac.new(bytes(range(16, 32)), b"tiltmeter.hash.v1\0c1", "sha256").hexdigest()[:32]
    assert_eq!(keys.hash_with("2026a", "c1").unwrap(), "h:2026a:da681346f474141c2391f9c649ec3419");
}

#[test]
fn the_newest_key_hashes_and_older_ones_keep_the_join() {
    let before = Keyring::from_text(&format!("2026a:{OLD}")).unwrap();
    let after = Keyring::from_text(&format!("# rotated\n\n 2026b : {NEW} \n2026a:{OLD}")).unwrap();
    assert_eq!(after.key_ids().collect::<Vec<_>>(), ["2026b", "2026a"]);
    assert_ne!(after.hash("c1"), before.hash("c1"));
    assert!(after.hashes("c1").any(|hash| hash == before.hash("c1")));
    assert_eq!(after.hashes("c1").next(), Some(after.hash("c1")));
    assert_eq!(after.hash_with("2025", "c1"), None);
}

#[test]
fn a_bare_key_has_an_id_of_its_own() {
    let (one, other) = (Keyring::from_text(NEW).unwrap(), Keyring::from_text(&format!("{OLD}\n")).unwrap());
    let id = |keys: &Keyring| keys.key_ids().next().unwrap().to_owned();
    assert_ne!(id(&one), id(&other));
    assert_eq!((id(&one).len(), id(&one)), (9, id(&Keyring::from_text(&NEW.to_uppercase()).unwrap())));
}

#[test]
fn hex_and_both_alphabets_of_base64_are_one_key() {
    // python3: base64.b64encode(bytes(range(240, 256)) + b"\xfb\xef")
    let texts = [
        "k:f0f1f2f3f4f5f6f7f8f9fafbfcfdfefffbef",
        "k:8PHy8/T19vf4+fr7/P3+//vv",
        "k:8PHy8_T19vf4-fr7_P3-__vv",
    ];
    let hashes: Vec<_> = texts.iter().map(|text| Keyring::from_text(text).unwrap().hash("")).collect();
    assert_eq!((&hashes[0], &hashes[0]), (&hashes[1], &hashes[2]));
    let padding = ["k:AAECAwQFBgcICQoLDA0ODw==", "k:AAECAwQFBgcICQoLDA0ODw"];
    assert_eq!(
        Keyring::from_text(padding[0]).unwrap().hash(""),
        Keyring::from_text(padding[1]).unwrap().hash("")
    );
}

#[test]
fn what_is_no_good_key_is_refused_and_never_shown() {
    let messages = [
        "",
        "# only a comment\n",
        "k:",
        "k:0a0b0c",
        "k:0a0b0c0a0b0c0a0b0c0a0b0c0a0b0c0a0b0c",
        "k:0a0b0c!-secret",
        &format!("a b:{NEW}"),
        &format!("{}:{NEW}", "x".repeat(33)),
        &format!(":{NEW}"),
        &format!("k:{NEW}\nk:{OLD}"),
        &format!("k:{NEW}\nl:{NEW}"),
        &format!("{NEW}\n{OLD}"),
        &format!("k:{}", "0a0b0c0d0e0f0102".repeat(33)),
    ]
    .map(refusal);
    insta::assert_snapshot!(messages.join("\n"), @r"
    the text of the keys has no key
    the text of the keys has no key
    the text of the keys, line 1: the key is shorter than 16 bytes
    the text of the keys, line 1: the key is shorter than 16 bytes
    the text of the keys, line 1: the key has fewer than 8 different bytes, so it is not random
    the text of the keys, line 1: the key is neither hexadecimal digits nor base64
    the text of the keys, line 1: a key id has 1 to 32 letters, digits, '_' and '-'
    the text of the keys, line 1: a key id has 1 to 32 letters, digits, '_' and '-'
    the text of the keys, line 1: a key id has 1 to 32 letters, digits, '_' and '-'
    the text of the keys, line 2: its key id stands in a line before
    the text of the keys, line 2: its key stands in a line before, under another id
    the text of the keys, line 1: it is not <key id>:<key>
    the text of the keys, line 1: the key is longer than 256 bytes
    ");
    let many: String = (0..40).map(|at| format!("k{at}:{at:02x}{NEW}\n")).collect();
    insta::assert_snapshot!(refusal(&many), @r"
    the text of the keys, line 33: it is the 33rd key, 32 are allowed
    ");
    assert!(refusal(&"#".repeat(Keyring::MAX_TEXT_LEN + 1)).ends_with("is larger than 64 KiB"));
}

#[test]
fn files_and_variables_are_read_and_named() {
    let folder = std::env::temp_dir()
        .join(format!("tiltmeter-keys-{}", uuid::Uuid::from_u128(u128::from(std::process::id()))));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("keys");
    std::fs::write(&file, format!("k:{NEW}\n")).unwrap();
    assert_eq!(
        Keyring::from_file(&file).unwrap().hash("c1"),
        Keyring::from_text(&format!("k:{NEW}")).unwrap().hash("c1")
    );
    std::fs::write(&file, [0xFF]).unwrap();
    assert!(Keyring::from_file(&file).unwrap_err().to_string().ends_with("keys is not UTF-8"));
    assert!(
        Keyring::from_file(folder.join("none")).unwrap_err().to_string().ends_with("none does not exist")
    );
    assert!(Keyring::from_file(&folder).is_err());
    std::fs::remove_dir_all(&folder).unwrap();
    insta::assert_snapshot!(
        Keyring::from_env("TILTMETER_NO_SUCH_VARIABLE").unwrap_err(),
        @"the environment variable TILTMETER_NO_SUCH_VARIABLE is not set"
    );
}

#[test]
fn debug_output_shows_ids_alone() {
    let keys = Keyring::from_text(&format!("k:{NEW}")).unwrap();
    assert_eq!(format!("{keys:?}"), r#"Keyring { key_ids: ["k"], .. }"#);
}
