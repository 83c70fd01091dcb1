export { type CatalogueReader, guest, type LookUpOptions } from "./guest.ts";
export * from "./header.ts";
export { type AnswerOptions, epochOver, host } from "./host.ts";
export { type Ask, messages, POINTS_CHUNK_MAX, publishMessages } from "./messages.ts";
export { type ChangeSink, type Changes, publish, type ReceiveOptions, receiveVersion } from "./publish.ts";
export { blind, CHUNK_ROWS, catalogueTags, dummyTags, idPrefix, sortTags, tagsOf } from "./steps.ts";
