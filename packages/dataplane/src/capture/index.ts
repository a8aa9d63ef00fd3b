export { type CaptureFormat, CaptureReader } from './capture-reader.js';
export { CaptureWriter, type CaptureWriterOptions, createCapture } from './capture-writer.js';
export { CAPTURE_ERRORS, type CaptureErrorCode } from './errors.js';
export { MAX_CAPTURED_BYTES } from './limits.js';
export { LINK_TYPE_ETHERNET, LINK_TYPE_NAMES, linkTypeError, linkTypeName } from './link-types.js';
export { type CaptureOutput, MemoryOutput } from './memory-output.js';
export { type OpenCaptureOptions, openCapture } from './open-capture.js';
export { OutputFile } from './output-file.js';
export { createPcapng, type PcapngInterfaceOptions, PcapngWriter, type PcapngWriterOptions } from './pcapng-writer.js';
