import type { Resource } from '@bankinfo/mesh'
import { admit, withoutUnknownFields } from '@bankinfo/mesh/rules'
import { applyDefaults } from '../../resources/defaults.ts'
import { recordOf } from '../../resources/json.ts'
import { apiVersionOf, type Kind } from '../../resources/kinds.ts'
import { AddressError, assignAddresses } from '../../resources/service-addresses.ts'
import { checkCore, pruneCore } from '../../resources/schema/check.ts'
import { validateCore } from '../../resources/validation.ts'
import type { NewObject, Store, StoredObject } from '../../store/store.ts'
import type { JsonObject } from '../body/body.ts'
import { ApiError, invalid, type StatusCause } from '../status.ts'

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

export interface AdmissionRequest {
  readonly kind: Kind
  readonly version: string
  readonly object: NewObject
  /** What is there already, when the write changes it. */
  readonly previous?: StoredObject | undefined
  readonly fieldValidation: FieldValidation
  readonly store: Store
}

export interface AdmittedObject {
  /** As it is to be stored: defaults filled in, unknown fields gone. */
  readonly object: NewObject
  /** For `Warning` headers. */
  readonly warnings: readonly string[]
}

/**
 * Decides whether an object may be stored, and in what form.
 * @throws ApiError 400 for unknown fields and what Istio's webhook refuses, 422 for wrong values.
 */
export function admitObject (request: AdmissionRequest): AdmittedObject {
  return request.kind.origin === 'rule' ? admitRule(request) : admitCore(request)
}

function admitRule ({ kind, version, object, fieldValidation }: AdmissionRequest): AdmittedObject {
  const resource = { ...object, apiVersion: apiVersionOf(kind, version) } as unknown as Resource
  const admission = admit(resource, { fieldValidation })
  if (!admission.allowed) {
    const causes = admission.causes.map(({ path, reason, message }) => ({ field: path, reason, message }) as StatusCause)
    throw new ApiError(admission.code, admission.reason, admission.message, {
      name: object.metadata.name,
      group: kind.group,
      kind: kind.kind,
      ...(causes.length > 0 && { causes })
    })
  }
  const pruned = fieldValidation === 'Strict' ? resource : withoutUnknownFields(resource)
  return { object: { ...pruned, apiVersion: apiVersionOf(kind) } as unknown as NewObject, warnings: admission.warnings }
}

function admitCore ({ kind, version, object, previous, fieldValidation, store }: AdmissionRequest): AdmittedObject {
  const { unknown, wrong } = checkCore(kind, object)
  if (unknown.length > 0 && fieldValidation === 'Strict') {
    throw new ApiError(400, 'BadRequest', `${kind.kind} in version "${version}" cannot be handled as a ${kind.kind}: strict decoding error: ${unknown.map((path) => `unknown field "${path}"`).join(', ')}`)
  }
  const [firstWrong] = wrong
  if (firstWrong !== undefined) {
    throw new ApiError(400, 'BadRequest', `${kind.kind} in version "${version}" cannot be handled as a ${kind.kind}: ${firstWrong.message}`)
  }
  const pruned = unknown.length === 0 ? object : pruneCore(kind, object)
  const defaulted = withAddresses(kind, applyDefaults(pruned as unknown as JsonObject) as JsonObject, { store, previous })
  const causes = validateCore(kind, defaulted, previous)
  if (causes.length > 0) throw invalid(kind, object.metadata.name, causes)
  return {
    object: { ...defaulted, apiVersion: apiVersionOf(kind) } as unknown as NewObject,
    warnings: fieldValidation === 'Warn' ? unknown.map((path) => `unknown field "${path}"`) : []
  }
}

function withAddresses (kind: Kind, object: JsonObject, { store, previous }: { store: Store, previous: StoredObject | undefined }): JsonObject {
  if (kind.key !== 'Service') return object
  try {
    return assignAddresses(object, store.list('Service'), previous) as JsonObject
  } catch (error) {
    if (!(error instanceof AddressError)) throw error
    const name = String(recordOf(object.metadata).name)
    throw invalid(kind, name, [{ field: error.field, reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(error.value)}: ${error.message}` }])
  }
}
