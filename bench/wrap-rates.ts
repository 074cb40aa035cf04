import { expectOk, InvariantError, systemRandom } from "@caseroom/contract";
import { kemKeyFromSeed } from "@caseroom/crypto/secret";
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_MLKEM768_X25519 } from "hpke";
import { openWrap, sealWrap } from "../packages/space/src/wrap.ts";
import type { Row } from "./figures.ts";
import { compareRates } from "./rates.ts";

/** HPKE as its library has it, with the same suite. Every reader has another key, so reading the key belongs to each seal. */
export async function createRawHpke() {
  const suite = new CipherSuite(KEM_MLKEM768_X25519, KDF_HKDF_SHA256, AEAD_AES_256_GCM);
  const seed = systemRandom(32);
  const { publicKey } = await kemKeyFromSeed(seed);
  const pair = {
    privateKey: await suite.DeserializePrivateKey(seed, false),
    publicKey: await suite.DeserializePublicKey(publicKey),
  };
  const secret = systemRandom(32);
  const context = { info: systemRandom(200), aad: systemRandom(32) };
  const seal = async () => suite.Seal(await suite.DeserializePublicKey(publicKey), secret, context);
  const { encapsulatedSecret, ciphertext } = await seal();
  return { seal, open: () => suite.Open(pair, encapsulatedSecret, ciphertext, context) };
}

/** Wraps sealed and opened one after another, a second, beside the raw library. */
export async function wrapRows(plan: { readonly rounds: number; readonly seconds: number }): Promise<readonly Row[]> {
  const raw = await createRawHpke();
  const key = await kemKeyFromSeed(systemRandom(32));
  const [info, aad, secret] = [systemRandom(200), systemRandom(32), systemRandom(32)];
  const seal = () => sealWrap({ publicKey: key.publicKey, info, aad, key: secret });
  const wrap = await seal();
  const rates = await compareRates(
    [
      { name: "wrap", run: seal },
      { name: "raw seal", run: raw.seal },
      { name: "unwrap", run: async () => expectOk(await openWrap({ key, wrap, info, aad }), "open") },
      { name: "raw open", run: raw.open },
    ],
    { ...plan, inFlight: 1 },
  );
  const row = (figure: string, name: string, peer: string): Row => {
    const value = rates.get(name);
    const beside = rates.get(peer);
    if (value === undefined || beside === undefined) throw new InvariantError("measured before");
    return { figure, value, unit: "wraps/s", better: "higher", beside: { name: `hpke, ${peer}`, value: beside } };
  };
  return [row("wrap (X-Wing): seal", "wrap", "raw seal"), row("wrap (X-Wing): open", "unwrap", "raw open")];
}
