/** Takes the place of client-peers.ts in a browser: no transport that a page has leads to peers, and nobody makes one. */
export class ClientPeers {}
