export { type CatalogueReader, guest, type LookUpOptions } from "./guest.ts";
export * from "./header.ts";
export { type AnswerOptions, epochOver, host } from "./host.ts";
export { messages, publishMessages } from "./messages.ts";
export { type ChangeSink, type Changes, publish, type ReceiveOptions, receiveVersion } from "./publish.ts";
export { catalogueTags, dummyTags, idPrefix, sortTags } from "./steps.ts";
