/** Messages of models of either level. */
import { scoringMessages } from "@tombolo/federated/vertical/boosting";
import { sharedPredictionMessages } from "@tombolo/federated/vertical/boosting/shared";

export const predictMessages = { ...scoringMessages, ...sharedPredictionMessages };
