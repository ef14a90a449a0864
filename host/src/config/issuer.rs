//! Knows what one `[[issuer]]` must hold, and which issuers do not go together.

use super::{Issuer, IssuerKeys, reader::Reader, source::Place, values};

/// Exactly one of them.
const KEYS: [&str; 3] = ["issuer.certificate_file", "issuer.public_key_file", "issuer.jwks_url"];

impl Issuer {
    pub(super) fn read_all(reader: &mut Reader) -> Vec<Self> {
        let mut known: Vec<String> = Vec::new();
        reader.each("issuer", |reader, place| {
            let issuer = Self::read(reader, place)?;
            if known.contains(&issuer.issuer) {
                // The claims name the issuer only, so that nobody could tell which is meant.
                reader.refuse("issuer.issuer", "it names the same issuer as another `[[issuer]]`");
            }
            known.push(issuer.issuer.clone());
            Some(issuer)
        })
    }

    fn read(reader: &mut Reader, place: &Place) -> Option<Self> {
        reader.require("[[issuer]]", place, &["issuer.issuer", "issuer.org_id"]);
        let given: Vec<_> = KEYS.into_iter().filter(|name| reader.is_given(name)).collect();
        if given.len() != 1 {
            let mistake = "it needs exactly one of `issuer.certificate_file`, \
                           `issuer.public_key_file` and `issuer.jwks_url`";
            reader.refuse_at("[[issuer]]", place, mistake);
        }
        let of_set = given.contains(&"issuer.jwks_url");
        for (name, wanted) in [("issuer.key_id", false), ("issuer.jwks_may_be_internal", true)] {
            if reader.is_given(name) && of_set != wanted {
                let mistake = if wanted {
                    "it belongs to `issuer.jwks_url`"
                } else {
                    "a key set names its keys itself; leave it out with `issuer.jwks_url`"
                };
                reader.refuse(name, mistake);
            }
        }
        let issuer = reader.get("issuer.issuer", values::compared_word);
        let org_id = reader.get("issuer.org_id", values::org_id);
        let certificate = reader.get_path(KEYS[0]).map(IssuerKeys::CertificateFile);
        let public_key = reader.get_path(KEYS[1]).map(IssuerKeys::PublicKeyFile);
        let url = reader.get(KEYS[2], values::secure_url);
        let may_be_internal =
            reader.get("issuer.jwks_may_be_internal", values::boolean).unwrap_or_default();
        let key_id = reader.get("issuer.key_id", values::compared_word);
        let gives_roles = reader.get("issuer.gives_roles", values::boolean).unwrap_or_default();
        let links_by_user_name =
            reader.get("issuer.links_by_user_name", values::boolean).unwrap_or_default();
        let salesforce_org = reader.get("issuer.salesforce_org", values::salesforce_org);
        let set = url.map(|url| IssuerKeys::Jwks { url, may_be_internal });
        let keys = certificate.or(public_key).or(set)?;
        Some(Self {
            issuer: issuer?,
            org_id: org_id?,
            keys,
            key_id,
            gives_roles,
            links_by_user_name,
            salesforce_org,
        })
    }
}
