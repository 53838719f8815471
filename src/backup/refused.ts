/** A backup or restore that must not be done as it was asked for. Nothing was touched; the message says what to do. */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused';
}
