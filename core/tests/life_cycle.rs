//! Any sequence of operations on tokens, compared with a naive model that knows only what a
//! person would write on paper.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed unwrap is a failed test"
)]

use exportgate_core::{
    create_token::{CREATE_RANDOM_BYTES, Draft, Facts, create_token},
    id::{OrgId, UserId},
    name::Name,
    policy::{ExpiryWish, Policy},
    rename_token::rename_token,
    revoke_token::{Cause, revoke_token},
    time::Timestamp,
    token::{Owner, Status, Token},
    validate_export::{ExportRequest, KnownToken, validate_export},
};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Create { lifetime_secs: Option<i64> },
    Rename(usize),
    Revoke(usize),
    RevokeAll(Cause),
    MoveClock(i64),
    SetActive(bool),
    Validate(usize),
}

/// What a person would write down about a token.
struct Noted {
    label: String,
    ends: Option<i64>,
    revoked: bool,
}

struct Real {
    token: Token,
    secret: String,
    digest: [u8; 32],
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => prop::option::of(-100..1000i64).prop_map(|lifetime_secs| Step::Create { lifetime_secs }),
        1 => any::<usize>().prop_map(Step::Rename),
        2 => any::<usize>().prop_map(Step::Revoke),
        1 => prop_oneof![Just(Cause::RevokeAll), Just(Cause::Rollback)].prop_map(Step::RevokeAll),
        3 => (-300..600i64).prop_map(Step::MoveClock),
        1 => any::<bool>().prop_map(Step::SetActive),
        6 => any::<usize>().prop_map(Step::Validate),
    ];
    prop::collection::vec(step, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn tokens_live_as_on_paper(steps in steps()) {
        let org_id = OrgId::parse("default").unwrap();
        let user_name = Name::parse("anna").unwrap();
        let user_id = UserId::parse("usr_1").unwrap();
        let owner = Owner { org_id: org_id.clone(), user_id, user_name };
        let limit = 5;
        let policy = Policy::new(None, false, Some(limit)).unwrap();
        let (mut real, mut noted): (Vec<Real>, Vec<Noted>) = (Vec::new(), Vec::new());
        let (mut now, mut active) = (1_800_000_000_i64, true);
        for (number, step) in steps.into_iter().enumerate() {
            let at = Timestamp::from_unix_seconds(now).unwrap();
            let is_live = |note: &Noted| !note.revoked && note.ends.is_none_or(|end| now < end);
            let pick = |index: usize| (!noted.is_empty()).then(|| index % noted.len().max(1));
            match step {
                Step::Create { lifetime_secs } => {
                    let n_active = noted.iter().filter(|note| is_live(note)).count();
                    let ends = lifetime_secs.map(|seconds| now + seconds);
                    let wish = ends.map(|end| Timestamp::from_unix_seconds(end).unwrap().to_string());
                    let expiry = ExpiryWish { expires_at: wish.as_deref(), expires_on: None };
                    let facts = Facts { owner: owner.clone(), policy, n_active: n_active as u32 };
                    // Fewer than 60 steps: each number is a base62 digit, and no secret comes twice.
                    let random = [number as u8; CREATE_RANDOM_BYTES];
                    let created = create_token(Draft { label: "Sales", expiry }, &facts, at, &random);
                    let expected = ends.is_none_or(|end| end > now) && (n_active as i64) < limit;
                    prop_assert_eq!(created.is_ok(), expected);
                    if let Ok(created) = created {
                        let secret = created.secret.expose().to_owned();
                        let digest = *created.secret.digest().as_bytes();
                        real.push(Real { token: created.token, secret, digest });
                        noted.push(Noted { label: "Sales".into(), ends, revoked: false });
                    }
                }
                Step::Rename(index) => if let Some(index) = pick(index) {
                    let label = format!("Label {number}");
                    let (token, event) = rename_token(&real[index].token, &owner, &label, at).unwrap();
                    prop_assert!(event.is_some());
                    real[index].token = token;
                    noted[index].label = label;
                },
                Step::Revoke(index) => if let Some(index) = pick(index) {
                    let revoked = revoke_token(&real[index].token, &owner, Cause::Owner, at);
                    prop_assert_eq!(revoked.is_some(), !noted[index].revoked);
                    if let Some((token, _)) = revoked { real[index].token = token; }
                    noted[index].revoked = true;
                },
                Step::RevokeAll(cause) => for index in 0..noted.len() {
                    let revoked = revoke_token(&real[index].token, &owner, cause, at);
                    prop_assert_eq!(revoked.is_some(), is_live(&noted[index]));
                    if let Some((token, _)) = revoked {
                        real[index].token = token;
                        noted[index].revoked = true;
                    }
                },
                Step::MoveClock(seconds) => now += seconds,
                Step::SetActive(value) => active = value,
                Step::Validate(index) => if let Some(index) = pick(index) {
                    let known: Vec<KnownToken> = real.iter().map(|real| KnownToken {
                        token: real.token.clone(), owner: owner.clone(), owner_active: active,
                    }).collect();
                    let request = ExportRequest { org_id: &org_id, secret: &real[index].secret, user_name: Some("ANNA") };
                    let find = |secret: &exportgate_core::secret::Secret| {
                        let digest = *secret.digest().as_bytes();
                        real.iter().position(|real| real.digest == digest).map(|place| &known[place])
                    };
                    let (reason, _) = validate_export(request, find, at);
                    let note = &noted[index];
                    let expected = if !active { "owner_inactive" }
                        else if note.revoked { "revoked" }
                        else if is_live(note) { "allowed" }
                        else { "expired" };
                    prop_assert_eq!(reason.as_str(), expected);
                },
            }
            for (real, note) in real.iter().zip(&noted) {
                prop_assert_eq!(real.token.label.as_str(), &note.label);
                prop_assert_eq!(real.token.status(Timestamp::MIN) == Status::Revoked, note.revoked);
            }
        }
    }
}
