/** In place of a page whose data have not come, or that there is not. */
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
