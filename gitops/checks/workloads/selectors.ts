import { type Json, type JsonMap, isMap, valueAt, listOf } from '../../kubernetesObject';

/** Whether a label selector selects labels. One that is empty selects everything. */
export function selects(selector: Json | undefined, labels: JsonMap): boolean {
  const wanted = valueAt(selector, 'matchLabels');
  const expressions = valueAt(selector, 'matchExpressions');
  return (
    Object.entries(isMap(wanted) ? wanted : {}).every(([key, value]) => labels[key] === value) &&
    listOf(expressions).every((expression) => holds(expression, labels))
  );
}

function holds(expression: Json, labels: JsonMap): boolean {
  const key = valueAt(expression, 'key');
  const values = valueAt(expression, 'values');
  const value = typeof key === 'string' ? labels[key] : undefined;
  const among = value !== undefined && Array.isArray(values) && values.includes(value);
  switch (valueAt(expression, 'operator')) {
    case 'In':
      return among;
    case 'NotIn':
      return !among;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
