// The host of the page's tests, which takes assertions from an organization of Salesforce.
import { Host } from '../../web/tests/host.ts';
import type { Organization } from './identity.ts';

export { Host };

/** Starts a host that is configured as the README's ten steps say. */
export function startFor(organization: Organization): Promise<Host> {
  return Host.start(async (folder) => {
    await organization.writeCertificate(folder);
    return `[[issuer]]
issuer = "${organization.issuer}"
org_id = "default"
salesforce_org = "${organization.id}"
certificate_file = "${organization.certificateFile}"
key_id = "${organization.keyId}"
gives_roles = true
`;
  });
}
