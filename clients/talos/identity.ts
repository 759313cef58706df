/** A client identity of the Talos API, as the Talos provider returns it: three base64-encoded PEM blocks. */
export interface TalosClientConfiguration {
  caCertificate: string;
  clientCertificate: string;
  clientKey: string;
}
