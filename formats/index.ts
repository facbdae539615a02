export { type Deb822Limits, type Field, Paragraph, parseDeb822, parseParagraphs } from './deb822.ts';
