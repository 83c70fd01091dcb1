export { BUCKET_ROWS_MAX, bucketBits, bucketCapacity } from "./capacity.ts";
export { copyMessages, receiveCopies, sendCopies } from "./copies.ts";
export { guest } from "./guest.ts";
export { host, type OtherHosts } from "./host.ts";
export { hostMessages, messages, ROWS_MAX } from "./messages.ts";
export type {
  Agreed,
  AgreedStore,
  Bucket,
  BucketProtocol,
  BucketRun,
  IdStore,
  MatchOptions,
  MatchResult,
  MatchStore,
} from "./options.ts";
