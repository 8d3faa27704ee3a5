/** What a kustomization's file may be called; the first that is there counts. */
export const kustomizationFiles: readonly string[] = ['kustomization.yaml', 'kustomization.yml', 'Kustomization']
