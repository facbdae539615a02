export { type ProgramLimits, type ProgramOptions, type ProgramResult, runProgram, streamProgram } from './run.ts';
