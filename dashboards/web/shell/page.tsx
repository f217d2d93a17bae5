import { useLocation } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';

let lastPath: string | null = null;
/** The page whose title was given the focus: a title drawn anew when the answer arrives takes it over. */
let titled: string | null = null;

/** A page's head and content. After a change of page the focus goes to its title, as it would with a full load. */
export const Page = (props: {
  title: string;
  lead?: ReactNode;
  /** Beside the title: a person's face. */
  before?: ReactNode;
  tools?: ReactNode;
  children: ReactNode;
}) => {
  const title = useRef<HTMLHeadingElement>(null);
  const { pathname } = useLocation();
  useEffect(() => {
    document.title = `${props.title} · Docket`;
  }, [props.title]);
  useEffect(() => {
    const isLost = titled === pathname && document.activeElement === document.body;
    if (isLost || (lastPath !== null && lastPath !== pathname)) {
      title.current?.focus({ preventScroll: true });
      titled = pathname;
    }
    lastPath = pathname;
  }, [pathname]);
  return (
    <main id="main" tabIndex={-1}>
      <div className="head">
        <div className="person">
          {props.before}
          <div>
            <h1 ref={title} tabIndex={-1}>
              {props.title}
            </h1>
            {props.lead && <p>{props.lead}</p>}
          </div>
        </div>
        {props.tools}
      </div>
      {props.children}
    </main>
  );
};
