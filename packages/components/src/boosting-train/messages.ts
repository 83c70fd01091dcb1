/** Messages of both levels: which a training uses, its parameters say. */
import { continuedMessages } from "@tombolo/federated/vertical/boosting";
import { sharedMessages } from "@tombolo/federated/vertical/boosting/shared";

export const trainMessages = { ...continuedMessages, ...sharedMessages };
