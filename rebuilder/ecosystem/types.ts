/** Why no plan can be made of what was published, in one sentence. */
export type Unplannable = { readonly kind: 'unplannable'; readonly why: string };
