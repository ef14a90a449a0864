//! What the host reads of a request and of its configuration, judged by the oracles of
//! `tests/oracles`: a slice of what `cargo xtask test fuzz` tries, and a planted mistake that each
//! must see.

use exportgate_host::{
    config::{Config, ConfigErrors},
    cursor::CursorKey,
};
use exportgate_oracles::{
    check_is_seen, check_slice,
    host::{
        self,
        authorization::{self, Said},
        body, config, cursor,
    },
};
use http::{HeaderMap, header};

#[test]
fn everything_holds_for_a_slice_of_seeds() {
    check_slice(host::ALL);
}

#[test]
fn a_reader_of_authorization_that_takes_the_last_of_two_headers_is_seen() {
    check_is_seen(|data| {
        authorization::judge_made(data, |headers| {
            let last = headers.get_all(header::AUTHORIZATION).iter().next_back();
            let one = last.map(|value| (header::AUTHORIZATION, value.clone()));
            authorization::read(&HeaderMap::from_iter(one))
        })
    });
}

#[test]
fn a_password_that_is_cut_at_its_own_colon_is_seen() {
    check_is_seen(|data| {
        authorization::judge_made(data, |headers| match authorization::read(headers) {
            Said::Basic(name, password) => {
                let password = password.split(':').next().unwrap_or_default();
                Said::Basic(name, password.to_owned())
            }
            other => other,
        })
    });
}

#[test]
fn a_form_with_a_field_twice_and_one_that_is_not_decoded_are_seen() {
    check_is_seen(|data| {
        body::judge_forms(data, |text| {
            let mut fields = text.split('&');
            let token = fields.find_map(|field| field.strip_prefix("token="))?;
            body::form(&format!("token={token}"))
        })
    });
    check_is_seen(|data| body::judge_forms(data, |text| body::form(&text.replace('+', "%2B"))));
}

#[test]
fn a_list_in_place_of_a_document_and_a_field_twice_are_seen() {
    let first_list = |text: &str| serde_json::from_str::<(String, Option<String>)>(text).ok();
    check_is_seen(|data| {
        body::judge_documents(data, |text| body::document(text).or_else(|| first_list(text)))
    });
    let last_of_two = |text: &str| {
        let value: serde_json::Value = serde_json::from_str(text).ok()?;
        let field = |name: &str| value.get(name)?.as_str().map(str::to_owned);
        Some((field("secret")?, field("hint")))
    };
    check_is_seen(|data| body::judge_documents(data, last_of_two));
}

#[test]
fn a_cursor_that_opens_other_lists_or_unsealed_is_seen() {
    let any_list = |key: &CursorKey, list: &str, cursor: &str| {
        key.open(list, cursor).or_else(|_| key.open("", cursor)).ok()
    };
    check_is_seen(|data| cursor::judge(data, any_list));
    let trimmed = |key: &CursorKey, list: &str, cursor: &str| key.open(list, cursor.trim()).ok();
    check_is_seen(|data| cursor::judge(data, trimmed));
}

#[test]
fn a_setting_that_the_environment_does_not_know_and_a_mistake_in_two_lines_are_seen() {
    check_is_seen(|data| config::judge(data, |file, _| config::read(file, &[])));
    check_is_seen(|data| {
        config::judge(data, |file, environment| {
            let in_two_lines = |error: String| error.replace(": ", ":\n");
            config::read(file, environment).map_err(|ConfigErrors(errors)| {
                ConfigErrors(errors.into_iter().map(in_two_lines).collect())
            })
        })
    });
    assert!(Config::default() == config::read("", &[]).unwrap());
}
