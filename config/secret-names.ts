/** Ends of names, in small letters and without what joins their words, under which a password, a token or a key stands. */
const ends = [
  'password',
  'passwd',
  'passphrase',
  'token',
  'apikey',
  'secretkey',
  'secretaccesskey',
  '(?:api|app|auth|client|consumer|shared)secret',
  '(?:account|encryption|integration|license|private|routing|service|signing)key',
  '^credentials',
  'dockerconfigjson',
];
const secretName = new RegExp(`(?:${ends.join('|')})$`);
/** `existingSecretKey`, `tlsPasswordSecretKey` and the like say where in a Secret something lies. */
const aboutSecrets = /existing|^secret(?:pass|token)|(?:admin|cert|jks|password|tls|token|user)secretkey$/;

/** True for a name under which a secret stands, such as `adminPassword`. */
export function isSecretName(name: string): boolean {
  const word = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  return secretName.test(word) && !aboutSecrets.test(word);
}
