//! Knows what one `[[oidc]]` must hold, and which providers do not go together.

use super::{Organizations, Provider, Roles, reader::Reader, source::Place, values};

/// They are the ends of other routes.
const TAKEN_NAMES: [&str; 2] = ["callback", "backchannel-logout"];
/// What is asked for beside `openid`: the names, and where somebody can be reached.
const DEFAULT_SCOPES: [&str; 2] = ["profile", "email"];
const DEFAULT_USER_NAME_CLAIM: &str = "preferred_username";

impl Provider {
    pub(super) fn read_all(reader: &mut Reader) -> Vec<Self> {
        let (mut issuers, mut names) = (Vec::new(), Vec::new());
        reader.each("oidc", |reader, place| {
            let provider = Self::read(reader, place)?;
            if issuers.contains(&provider.issuer_text) {
                reader.refuse("oidc.issuer", "it names the same issuer as another `[[oidc]]`");
            }
            if names.contains(&provider.name) {
                let mistake = match provider.name {
                    Some(_) => "another `[[oidc]]` has this `oidc.name`",
                    None => "another `[[oidc]]` has no `oidc.name` either; at most one can",
                };
                reader.refuse_at("[[oidc]]", place, mistake);
            }
            issuers.push(provider.issuer_text.clone());
            names.push(provider.name.clone());
            Some(provider)
        })
    }

    fn read(reader: &mut Reader, place: &Place) -> Option<Self> {
        reader.require("[[oidc]]", place, &["oidc.issuer", "oidc.client_id"]);
        let name = reader.get("oidc.name", values::path_word);
        if name.as_deref().is_some_and(|name| TAKEN_NAMES.contains(&name)) {
            reader.refuse("oidc.name", "this is the name of another route");
        }
        let issuer = reader.get("oidc.issuer", values::secure_url);
        let issuer_text = reader.get("oidc.issuer", values::compared_word);
        let display_name = reader.get("oidc.display_name", values::shown_text);
        let client_id = reader.get("oidc.client_id", values::compared_word);
        let scopes = reader.get("oidc.scopes", values::scopes);
        let user_name_claim = reader.get("oidc.user_name_claim", values::compared_word);
        let organizations = Self::read_organizations(reader, place);
        let roles = Self::read_roles(reader, place);
        let mut flag = |name| reader.get(name, values::boolean);
        let links_by_user_name = flag("oidc.links_by_user_name").unwrap_or_default();
        let may_be_internal = flag("oidc.may_be_internal").unwrap_or_default();
        let listed = flag("oidc.listed").unwrap_or(true);
        let issuer = issuer?;
        let host = issuer.host_str().unwrap_or_default().to_owned();
        Some(Self {
            name,
            display_name: display_name.unwrap_or(host),
            issuer,
            issuer_text: issuer_text?,
            client_id: client_id?,
            client_secret_file: reader.get_path("oidc.client_secret_file"),
            scopes: scopes.unwrap_or_else(|| DEFAULT_SCOPES.map(str::to_owned).to_vec()),
            organizations: organizations?,
            user_name_claim: user_name_claim.unwrap_or_else(|| DEFAULT_USER_NAME_CLAIM.to_owned()),
            roles,
            links_by_user_name,
            may_be_internal,
            listed,
        })
    }

    fn read_organizations(reader: &mut Reader, place: &Place) -> Option<Organizations> {
        let by_claim = ["oidc.organization_claim", "oidc.organizations"];
        let given = by_claim.map(|name| reader.is_given(name));
        let is_clear = matches!(
            (reader.is_given("oidc.org_id"), given),
            (true, [false, false]) | (false, [true, true])
        );
        if !is_clear {
            let mistake = "it needs either `oidc.org_id`, or `oidc.organization_claim` together \
                           with `oidc.organizations`";
            reader.refuse_at("[[oidc]]", place, mistake);
            return None;
        }
        if let Some(org_id) = reader.get("oidc.org_id", values::org_id) {
            return Some(Organizations::One(org_id));
        }
        let claim = reader.get("oidc.organization_claim", values::compared_word);
        let organizations = reader.get("oidc.organizations", values::organizations);
        Some(Organizations::ByClaim { claim: claim?, organizations: organizations? })
    }

    fn read_roles(reader: &mut Reader, place: &Place) -> Option<Roles> {
        let names = ["oidc.role_claim", "oidc.administrators"];
        match names.map(|name| reader.is_given(name)) {
            [false, false] => return None,
            [true, true] => {}
            _ => {
                let mistake = "`oidc.role_claim` and `oidc.administrators` go together";
                reader.refuse_at("[[oidc]]", place, mistake);
            }
        }
        let claim = reader.get("oidc.role_claim", values::compared_word);
        let administrators = reader.get("oidc.administrators", values::words);
        Some(Roles { claim: claim?, administrators: administrators? })
    }
}
