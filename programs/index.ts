export { type ProgramLimits, type ProgramResult, runProgram, streamProgram } from './run.ts';
