import { bytes, message, stream } from "@tombolo/channel";
import { ciphertextBytes, galoisKeyBytes, publicKeyBytes, rlwe, seededBytes } from "@tombolo/crypto";

/** Of the largest ring: every parameter set fits. */
const largest = rlwe("rlwe-16384");
const level = largest.parameters.primes.length;

/** Rows to spread into another protocol's table: keys once, then vectors and products by turns. */
export const productMessages = <KeyOwner extends string, MatrixOwner extends string>(
  keyOwner: KeyOwner,
  matrixOwner: MatrixOwner,
) => ({
  productKey: message(keyOwner, matrixOwner, bytes(publicKeyBytes(largest)), {
    means: { en: "A public key, to make answers fresh with", zh: "用于使应答重新随机化的公钥" },
    sizeMax: publicKeyBytes(largest),
  }), // 1, once
  productSwitchingKeys: stream(keyOwner, matrixOwner, bytes(galoisKeyBytes(largest, 1)), {
    means: { en: "Keys to pack answers with", zh: "用于打包应答的密钥" },
    sizeMax: galoisKeyBytes(largest, 1),
  }), // 2, once
  productVectors: stream(keyOwner, matrixOwner, bytes(seededBytes(largest, 1)), {
    means: { en: "Encrypted shares of vectors", zh: "加密的向量份额" },
    sizeMax: seededBytes(largest, 1),
  }), // 3: of each block, of each vector
  productAnswers: stream(matrixOwner, keyOwner, bytes(ciphertextBytes(largest, 1, level)), {
    means: { en: "Encrypted, masked products of the matrix with them", zh: "加密并加掩码的矩阵与向量乘积" },
    sizeMax: ciphertextBytes(largest, 1, level),
  }), // 4: of each output, of each vector
});
