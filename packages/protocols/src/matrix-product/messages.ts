import { bytes, message, stream } from "@tombolo/channel";
import { publicKeyBytes, releasedBytes, rlwe, seededBytes } from "@tombolo/crypto";

/** Of the largest ring: every parameter set fits. */
const largest = rlwe("rlwe-16384");
const level = largest.parameters.primes.length;
/** Ciphertexts in a message, but for the last. */
export const AT_ONCE = 4;
const vectorBytes = seededBytes(largest, AT_ONCE);
const answersBytes = releasedBytes(largest, AT_ONCE, level, largest.parameters.size);

const MASKED_BYTES_MAX = 8 * 2 ** 20;

/** Rows to spread into another protocol's table: keys once, then vectors and products by turns. */
export const productMessages = <KeyOwner extends string, MatrixOwner extends string>(
  keyOwner: KeyOwner,
  matrixOwner: MatrixOwner,
) => ({
  productKey: message(keyOwner, matrixOwner, bytes(publicKeyBytes(largest)), {
    means: { en: "A public key, to make answers fresh with", zh: "用于使应答重新随机化的公钥" },
    sizeMax: publicKeyBytes(largest),
  }), // 1, once
  productVectors: stream(keyOwner, matrixOwner, bytes(vectorBytes), {
    means: { en: "Encrypted shares of vectors", zh: "加密的向量份额" },
    sizeMax: vectorBytes,
  }), // 2: of each input, of each lot of vectors
  productAnswers: stream(matrixOwner, keyOwner, bytes(answersBytes), {
    means: { en: "Encrypted, masked products of the matrix with them", zh: "加密并加掩码的矩阵与向量乘积" },
    sizeMax: answersBytes,
  }), // 3: of each output, of each lot of vectors
});

/** With products made ahead. */
export const aheadMessages = <KeyOwner extends string, MatrixOwner extends string>(
  keyOwner: KeyOwner,
  matrixOwner: MatrixOwner,
) => ({
  ...productMessages(keyOwner, matrixOwner),
  productMasked: message(keyOwner, matrixOwner, bytes(MASKED_BYTES_MAX), {
    means: { en: "Shares of vectors under one-time masks", zh: "一次性掩码下的向量份额" },
    sizeMax: MASKED_BYTES_MAX,
  }), // of products made ahead
});
