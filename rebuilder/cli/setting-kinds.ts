import { z } from 'zod';

/** The YAML file gives numbers, the environment and the command line give text. */
export const whole = (least: number, most: number) =>
  z
    .union([z.number(), z.string().regex(/^\d{1,15}$/)])
    .transform(Number)
    .pipe(z.number().int().min(least).max(most));

/** Text that `parse` reads as a number of at least `least`. */
export const measured = (parse: (text: string) => number | undefined, least: number) =>
  z
    .union([z.number(), z.string()])
    .transform((value) => parse(String(value)) ?? -1)
    .pipe(z.number().min(least));

/** One setting: what it may be (`allowed` ends the sentence "it has to be ..."), what it is when not given, what it is for. */
export type SettingDescription = { readonly allowed: string; readonly fallback: string; readonly about: string };

/** A setting's schema and its description. */
export const described = <Schema extends z.ZodType>(schema: Schema, description: SettingDescription) => ({
  schema,
  description,
});
