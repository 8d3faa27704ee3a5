export { parseManifests, type ManifestFile, type ParsedDocument, type ParsedManifests } from './manifest/manifest.ts'
export { parseYaml, type YamlDocument } from './manifest/yaml.ts'
export { formatFinding, formatPath, formatProblem, type FieldPath, type Finding, type FindingLevel, type Position, type Problem } from './problem.ts'
export { findRuleKind, isIstioGroup, ruleKinds, type RuleKind } from './rule-kinds.ts'
