export const modes = ['plain', 'atomicUploads', 'tls'] as const

export type Mode = (typeof modes)[number]
