/** A choice of one among a few, as buttons in a row. */
export const Segment = <Value extends string | number>(props: {
  label: string;
  options: readonly { value: Value; name: string }[];
  value: Value;
  onChange: (value: Value) => void;
}) => (
  <div className="seg" role="group" aria-label={props.label}>
    {props.options.map((option) => (
      <button
        key={option.value}
        type="button"
        className="fades"
        aria-pressed={option.value === props.value}
        onClick={() => props.onChange(option.value)}
      >
        {option.name}
      </button>
    ))}
  </div>
);
