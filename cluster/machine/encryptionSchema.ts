import * as z from 'zod';
import { described, integer, list, nonEmpty, oneOf, section, text, trueOrFalse } from '../schemaTypes';

const nothing = z.strictObject({}, { error: '{}' });

const key = section({
  slot: described(
    integer('a slot from 0 to 31', 0, 31),
    'The slot of the key; each key has one of its own.',
    'encryption.keys[].slot',
  ),
  nodeID: described(
    nothing.optional(),
    "A key made of the machine's UUID: protects a disk without its machine, but not the machine.",
    'encryption.keys[].nodeID',
  ),
  tpm: described(
    section({
      checkSecurebootStatusOnEnroll: described(
        trueOrFalse.optional(),
        'Whether the key is only made while secure boot is on.',
        'encryption.keys[].tpm.checkSecurebootStatusOnEnroll',
      ),
      options: described(
        section({
          pcrs: described(
            z.array(integer('a PCR from 0 to 23', 0, 23), { error: 'a list of PCRs' }).optional(),
            'The PCRs that the key is bound to; from Talos 1.12 on.',
            'encryption.keys[].tpm.options.pcrs',
          ),
        }).optional(),
        'Options of the TPM; from Talos 1.12 on.',
        'encryption.keys[].tpm.options',
      ),
    }).optional(),
    'A key that the TPM seals.',
    'encryption.keys[].tpm',
  ),
  kms: described(
    section({
      endpoint: described(
        text('a URL such as https://kms.example.org:4050', (value) => /^(grpc|https?):\/\/\S+$/.test(value)),
        'The URL of the server.',
        'encryption.keys[].kms.endpoint',
      ),
    }).optional(),
    'A key that a server of yours seals.',
    'encryption.keys[].kms',
  ),
  static: described(
    section({
      passphrase: described(
        z.strictObject(
          {
            secretFrom: described(
              text('a key such as diskPassphrase', (value) => /^[a-z][A-Za-z0-9]{0,62}$/.test(value)),
              'The key of the secret, set with `pulumi config set --secret <key>`.',
              'encryption.keys[].static.passphrase',
            ),
          },
          {
            error: (issue) =>
              issue.code === 'unrecognized_keys'
                ? undefined
                : 'a secret of the stack, such as { secretFrom: diskPassphrase }',
          },
        ),
        'The passphrase, from a secret of the stack.',
        'encryption.keys[].static.passphrase',
      ),
    }).optional(),
    'A passphrase, which is a secret of the stack.',
    'encryption.keys[].static',
  ),
  lockToState: described(
    trueOrFalse.optional(),
    'Whether the key also needs a random one on STATE, so that it dies with it.',
    'encryption.keys[].lockToState',
  ),
});

/** How a volume is encrypted, in Talos' names. */
export const encryptionSchema = section({
  provider: described(oneOf(['luks2'] as const).default('luks2'), 'The kind of encryption.', 'encryption.provider'),
  keys: described(list(key, 'at least one key'), 'Keys, each of which opens the volume.', 'encryption.keys'),
  cipher: described(nonEmpty('a cipher such as aes-xts-plain64').optional(), 'The cipher.', 'encryption.cipher'),
  keySize: described(
    integer('bits from 128 to 512', 128, 512).optional(),
    'The size of the key in bits.',
    'encryption.keySize',
  ),
  blockSize: described(
    integer('bytes from 512 to 4096', 512, 4096).optional(),
    'The size of a block in bytes.',
    'encryption.blockSize',
  ),
  options: described(
    z
      .array(oneOf(['no_read_workqueue', 'no_write_workqueue', 'same_cpu_crypt', 'submit_from_crypt_cpus'] as const), {
        error: 'a list of options',
      })
      .optional(),
    'Options for speed.',
    'encryption.options',
  ),
});

export type Encryption = z.infer<typeof encryptionSchema>;
