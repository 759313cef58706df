import { issueAdminIdentity } from '../../../clients/talos/clientCertificate';
import { implement } from '../../../provider/engine/implementation';
import { diffInputs } from '../../../provider/engine/platformProvider';
import { talosIdentity } from '../../../provider/resources/talosIdentity';
import { testSecrets } from '../../clients/support/machineSecrets';
import { testOperation } from '../support/operation';

const type = implement(talosIdentity);
const day = 86_400_000;

test('an identity is issued once, and again during its last month or by another CA', async () => {
  const { secrets } = await testSecrets('east');
  const inputs = { certificateAuthority: secrets.certs.os };
  const { outputs } = await talosIdentity.create(inputs, testOperation());
  const isDue = async (days: number) => {
    const clientConfiguration = await issueAdminIdentity(secrets.certs.os, new Date(Date.now() - days * day));
    return talosIdentity.inspect!({ ...outputs, clientConfiguration }, inputs, testOperation());
  };
  expect([await isDue(0), await isDue(334), await isDue(336)]).toEqual([false, false, true]);
  const other = { certificateAuthority: (await testSecrets('other')).secrets.certs.os };
  expect(diffInputs(type, { ...outputs }, inputs).changes).toBe(false);
  expect(diffInputs(type, { ...outputs }, other).changes).toBe(true);
  expect((await talosIdentity.update!(outputs, other, testOperation())).clientConfiguration.caCertificate).toBe(
    other.certificateAuthority.cert,
  );
});
