//! Knows what each account and each opportunity holds, from its number alone.

use std::borrow::Cow;

use super::odd_text::{long_text, odd_text};
use super::value::Value;

/// Accounts in the export.
pub const N_ACCOUNTS: u64 = 2_000;
/// Opportunities in the export: enough for twenty pages and a CSV of several megabytes.
pub const N_OPPORTUNITIES: u64 = 100_000;

/// The largest amount in the export, 999,999,999,999.99: a reader that keeps amounts as binary
/// floating-point numbers still shows every digit of it.
pub const LARGEST_CENTS: i64 = 99_999_999_999_999;

/// First characters of a Salesforce id: they name the object.
const ACCOUNT_PREFIX: &str = "0015e00000";
const OPPORTUNITY_PREFIX: &str = "0065e00000";

const INDUSTRIES: [&str; 6] =
    ["Banking", "Biotechnology", "Energy", "Manufacturing", "Not For Profit", "Retail"];
const PLACES: [(&str, &str); 6] = [
    ("Berlin", "Germany"),
    ("Zürich", "Switzerland"),
    ("Tel Aviv", "Israel"),
    ("القاهرة", "Egypt"),
    ("São Paulo", "Brazil"),
    ("東京", "Japan"),
];
/// Stage, probability in percent, and whether the opportunity is closed.
const STAGES: [(&str, i64, bool); 6] = [
    ("Prospecting", 10, false),
    ("Qualification", 20, false),
    ("Proposal/Price Quote", 75, false),
    ("Negotiation/Review", 90, false),
    ("Closed Won", 100, true),
    ("Closed Lost", 0, true),
];
const GOODS: [&str; 5] = ["Solar panels", "Turbines", "Licences", "Training", "Spare parts"];

/// The cells of one account, in the order of [`super::entity_set::ACCOUNTS`].
pub fn account(number: u64) -> Vec<Value> {
    let dice = mixed(number);
    let (city, country) = pick(&PLACES, dice);
    // One account in four is odd, so that every odd text is on the first page.
    let name = if number.is_multiple_of(4) {
        odd_text(number / 4)
    } else {
        Cow::Owned(format!("{} {number}", pick(&["Acme", "Globex", "Initech", "Umbrella"], dice)))
    };
    vec![
        Value::Text(account_id(number).into()),
        Value::Text(name),
        if number.is_multiple_of(7) { Value::Null } else { text(pick(&INDUSTRIES, dice >> 8)) },
        text(city),
        text(country),
        if number.is_multiple_of(5) { Value::Null } else { Value::Cents(amount(number, dice)) },
        Value::Moment(instant(number)),
    ]
}

/// The cells of one opportunity, in the order of [`super::entity_set::OPPORTUNITIES`].
pub fn opportunity(number: u64) -> Vec<Value> {
    let dice = mixed(number ^ 0x0006_5e00);
    let (stage, probability, closed) = pick(&STAGES, dice);
    let name = if number.is_multiple_of(10) {
        odd_text(number / 10)
    } else {
        Cow::Owned(format!("{} #{number}", pick(&GOODS, dice >> 16)))
    };
    let description = match number % 9 {
        _ if number % 25_000 == 9 => Value::Text(long_text()),
        0 => Value::Null,
        1 => text(""),
        2 => Value::Text(odd_text(number / 9)),
        _ => text("Renewal with the usual terms, delivery in two lots."),
    };
    vec![
        Value::Text(format!("{}", SalesforceId(OPPORTUNITY_PREFIX, number)).into()),
        Value::Text(account_id(dice % N_ACCOUNTS).into()),
        Value::Text(name),
        text(stage),
        if number % 11 == 3 { Value::Null } else { Value::Cents(amount(number, dice)) },
        Value::Whole(probability),
        Value::Flag(closed),
        Value::Moment(date(dice >> 24)),
        description,
        Value::Moment(instant(number)),
    ]
}

/// Small, negative, zero and very large amounts, in hundredths.
fn amount(number: u64, dice: u64) -> i64 {
    let usual = i64::try_from(dice % 50_000_000).unwrap_or(0);
    match number % 1_000 {
        1 => LARGEST_CENTS,
        2 => -LARGEST_CENTS,
        4 => 0,
        5 => 1,
        6 => -1,
        n if n % 17 == 0 => -usual,
        _ => usual,
    }
}

/// A day of the years 2024 to 2027, leap day included.
fn date(dice: u64) -> String {
    if dice.is_multiple_of(97) {
        return "2024-02-29".to_owned();
    }
    let (year, month, day) = (2024 + dice % 4, 1 + (dice >> 2) % 12, 1 + (dice >> 6) % 28);
    format!("{year:04}-{month:02}-{day:02}")
}

/// An instant that grows with the row's number.
fn instant(number: u64) -> String {
    let (day, rest) = (number / 86_400, number % 86_400);
    format!("2026-01-{:02}T{:02}:{:02}:{:02}Z", 1 + day, rest / 3_600, rest / 60 % 60, rest % 60)
}

fn account_id(number: u64) -> String {
    format!("{}", SalesforceId(ACCOUNT_PREFIX, number))
}

fn text(text: &'static str) -> Value {
    Value::Text(Cow::Borrowed(text))
}

fn pick<T: Copy, const N: usize>(table: &[T; N], dice: u64) -> T {
    // Every table has rows and the remainder lies inside, whatever the dice say.
    let place = usize::try_from(dice % N as u64).unwrap_or(0);
    #[expect(clippy::indexing_slicing, reason = "the remainder by the length lies inside")]
    table[place]
}

/// Spreads neighbouring numbers over the whole range (the finishing steps of SplitMix64).
fn mixed(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// A Salesforce id of 18 characters: 15 that differ in case, and 3 that tell the same without it.
struct SalesforceId(&'static str, u64);

impl std::fmt::Display for SalesforceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        const SUFFIX: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
        let mut id = self.0.to_owned();
        for power in [62_u64.pow(4), 62_u64.pow(3), 62_u64.pow(2), 62, 1] {
            id.push(char::from(pick(BASE62, self.1 / power)));
        }
        let suffix: String = id
            .as_bytes()
            .chunks(5)
            .map(|five| {
                let bits =
                    five.iter().enumerate().map(|(i, c)| u64::from(c.is_ascii_uppercase()) << i);
                char::from(pick(SUFFIX, bits.sum()))
            })
            .collect();
        write!(f, "{id}{suffix}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_the_same_whenever_it_is_asked_for() {
        assert_eq!(opportunity(4_711), opportunity(4_711));
        assert_ne!(opportunity(4_711), opportunity(4_712));
    }

    #[test]
    fn an_id_has_eighteen_characters_and_the_suffix_that_salesforce_computes() {
        // One bit for each capital letter among five, the first character the lowest bit.
        assert_eq!(SalesforceId(ACCOUNT_PREFIX, 0).to_string(), "0015e0000000000AAA");
        assert_eq!(SalesforceId(ACCOUNT_PREFIX, 10).to_string(), "0015e000000000AAAQ");
        assert_eq!(SalesforceId(ACCOUNT_PREFIX, 62).to_string(), "0015e0000000010AAA");
    }

    #[test]
    fn every_row_belongs_to_an_account_that_exists() {
        let accounts: std::collections::HashSet<_> =
            (0..N_ACCOUNTS).map(|number| account(number)[0].clone()).collect();
        assert_eq!(accounts.len() as u64, N_ACCOUNTS);
        assert!((0..5_000).all(|number| accounts.contains(&opportunity(number)[1])));
    }
}
