export { CommonStream, KEY_BYTES } from "./stream.ts";
