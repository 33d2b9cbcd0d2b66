/** Shown instead of a page whose data have not arrived or do not exist. */
export function Unanswered({ title, error }: { title: string; error: string | null }) {
  if (error === null) return <p class="quiet">Loading …</p>;
  return (
    <>
      <h1>{title}</h1>
      <p class="bad">{error}</p>
      <p>
        <a href="#/">All studies</a>
      </p>
    </>
  );
}
